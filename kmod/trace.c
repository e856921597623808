// SPDX-License-Identifier: GPL-2.0-only
/*
 * Trace events slotgate:*
 */
#include <linux/module.h>
#include <linux/stddef.h>
#include <linux/trace_events.h>

#include "trace.h"

/* Keeps the argument alive and the function from being merged with others. */
#define T(name)								\
	noinline void sg_trace_##name(const struct sg_gate *gate)	\
	{								\
		asm volatile("" : : "r" (gate) : "memory");		\
	}
SG_TRACE_SLOT(T)
#undef T

#define T(name)								\
	noinline void sg_trace_##name(const struct device *dev)	\
	{								\
		asm volatile("" : : "r" (dev) : "memory");		\
	}
SG_TRACE_DEV(T)
#undef T

#define T(name)								\
	noinline void sg_trace_##name(int result)			\
	{								\
		asm volatile("" : : "r" (result) : "memory");		\
	}
SG_TRACE_TOPOLOGY(T)
#undef T

#if IS_ENABLED(CONFIG_KPROBE_EVENTS)

#define SG_COMMAND_MAX	256

/* How to find what to print: the first argument is in %di on x86-64. */
enum sg_trace_arg { ARG_SLOT, ARG_DEV, ARG_RESULT };

static const struct {
	const char *format;
	unsigned int offset;
} args[] = {
	[ARG_SLOT] = { "slot=+0(+%u(%%di)):string",
		       offsetof(struct sg_gate, kobj.name) },
	[ARG_DEV] = { "dev=+0(+%u(%%di)):string",
		      offsetof(struct device, kobj.name) },
	[ARG_RESULT] = { "result=%%di:s32", 0 },
};

static const struct {
	const char *name;
	enum sg_trace_arg arg;
} events[] = {
#define T(name) { #name, ARG_SLOT },
	SG_TRACE_SLOT(T)
#undef T
#define T(name) { #name, ARG_DEV },
	SG_TRACE_DEV(T)
#undef T
#define T(name) { #name, ARG_RESULT },
	SG_TRACE_TOPOLOGY(T)
#undef T
};

/*
 * Run what one would write to kprobe_events in tracefs.  The kernel's own
 * helpers to compose such a command know no group but "kprobes".
 */
static int run(const char *command)
{
	struct dynevent_cmd cmd;
	char buf[SG_COMMAND_MAX];

	kprobe_event_cmd_init(&cmd, buf, sizeof(buf));
	cmd.seq.len = strscpy(buf, command, sizeof(buf));
	return dynevent_create(&cmd);
}

static int create(const char *name, enum sg_trace_arg arg)
{
	char command[SG_COMMAND_MAX];
	int len;

	len = scnprintf(command, sizeof(command),
			"p:slotgate/%s %s:sg_trace_%s ", name,
			THIS_MODULE->name, name);
	snprintf(command + len, sizeof(command) - len, args[arg].format,
		 args[arg].offset);
	return run(command);
}

static void remove(const char *name)
{
	char command[SG_COMMAND_MAX];

	snprintf(command, sizeof(command), "-:slotgate/%s", name);
	run(command);
}

/* The patch works without its events: a failure is told and that is all. */
void sg_trace_init(void)
{
	int i, ret;

	for (i = 0; i < ARRAY_SIZE(events); i++) {
		ret = create(events[i].name, events[i].arg);
		if (ret) {
			pr_warn("slotgate: no trace event %s (%d)\n",
				events[i].name, ret);
			return;
		}
	}
}

/*
 * All at once is much faster, as the buffers of all processors are reset each
 * time; kernels before 5.19 take no group, and none goes on behind an event
 * that somebody still listens to.  Such a one stays, and is silent from now on.
 */
void sg_trace_exit(void)
{
	int i;

	if (!run("-:slotgate/"))
		return;
	for (i = 0; i < ARRAY_SIZE(events); i++)
		remove(events[i].name);
}

#else

void sg_trace_init(void)
{
	pr_warn("slotgate: no trace events without CONFIG_KPROBE_EVENTS\n");
}

void sg_trace_exit(void)
{
}

#endif
