// SPDX-License-Identifier: GPL-2.0-only
/*
 * trace.c - which device a kernel function was called for
 *
 * kprobe events at the entry of some functions record the name of the device
 * they work on, the depth of the stack and who called.  A call may be open as
 * long as no later call of the same task began at the same depth or above it.
 * That leaves some which returned from deeper down, so each frame of the task's
 * real stack is matched with the latest call of that function by that caller.
 * Where a kernel lacks a function or a member, the probe is left out and the
 * name stays unknown.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ops.h"

#define TRACEFS "/sys/kernel/tracing"
#define GROUP "sgagent"
#define BUFFER_KB "4096"
#define VALUE_MAX 64
#define OPEN_MAX 128		/* nested calls of one task */
#define CALLER_DISTANCE 3	/* frames of whoever wraps a function lie between */

enum shape { NOTHING, DEVICE, PCI_DEVICE, KERNFS, KERNFS_CHILD };

static const struct {
	const char *function;
	enum shape arg;
} probes[] = {
	{ "device_release_driver_internal", DEVICE },
	{ "device_release_driver", DEVICE },	/* has the former in it in 5.10 */
	{ "device_driver_detach", DEVICE },	/* so has this */
	{ "__device_attach", DEVICE },
	{ "__driver_attach", DEVICE },
	{ "device_del", DEVICE },
	{ "device_add", DEVICE },
	{ "__pci_reset_function_locked", PCI_DEVICE },
	{ "pci_reset_function", PCI_DEVICE },
	{ "pci_try_reset_function", PCI_DEVICE },
	{ "pci_reset_bus", PCI_DEVICE },
	{ "pci_dev_lock", PCI_DEVICE },
	{ "sriov_numvfs_store", DEVICE },
	{ "pcie_do_recovery", PCI_DEVICE },
	{ "pci_bus_error_reset", PCI_DEVICE },
	{ "reset_subordinate_store", DEVICE },
	{ "report_error_detected", PCI_DEVICE },
	{ "report_frozen_detected", PCI_DEVICE },
	{ "report_normal_detected", PCI_DEVICE },
	{ "report_mmio_enabled", PCI_DEVICE },
	{ "report_slot_reset", PCI_DEVICE },
	{ "report_resume", PCI_DEVICE },
	{ "pci_stop_and_remove_bus_device", PCI_DEVICE },
	{ "pci_stop_and_remove_bus_device_locked", PCI_DEVICE },
	{ "pci_stop_bus_device", PCI_DEVICE },
	{ "pci_remove_bus_device", PCI_DEVICE },
	{ "sriov_numvfs_show", DEVICE },
	{ "kernfs_drain", KERNFS },
	{ "kernfs_remove_by_name_ns", KERNFS_CHILD },	/* where the former is inlined */
	{ "pci_cfg_access_lock", PCI_DEVICE },
	{ "pci_lock_rescan_remove", NOTHING },
};

#define NPROBES (sizeof(probes) / sizeof(probes[0]))

struct call {
	pid_t tid;
	unsigned int probe;
	unsigned long long depth;	/* stack pointer at entry */
	char value[VALUE_MAX];
	char caller[VALUE_MAX];
};

static bool events_on;
static bool installed[NPROBES];
static struct call *calls;
static size_t ncalls;

static int fetch_name(char *buf, size_t size, const char *type, const char *members)
{
	int offset = btf_offset(type, members);

	if (offset < 0)
		return offset;
	snprintf(buf, size, "name=+0(+%d($arg1)):string", offset);
	return 0;
}

/* A sysfs file is told by its own name and that of its folder. */
static int fetch_file(char *buf, size_t size)
{
	int name = btf_offset("kernfs_node", "name");
	int parent = btf_offset("kernfs_node", "parent");

	if (parent < 0)
		parent = btf_offset("kernfs_node", "__parent");
	if (name < 0 || parent < 0)
		return -1;
	snprintf(buf, size, "folder=+0(+%d(+%d($arg1))):string name=+0(+%d($arg1)):string",
		 name, parent, name);
	return 0;
}

/* Its folder, and its name. */
static int fetch_child(char *buf, size_t size)
{
	int name = btf_offset("kernfs_node", "name");

	if (name < 0)
		return name;
	snprintf(buf, size, "folder=+0(+%d($arg1)):string name=+0($arg2):string", name);
	return 0;
}

static int fetch(char *buf, size_t size, enum shape shape)
{
	switch (shape) {
	case NOTHING:
		buf[0] = '\0';
		return 0;
	case DEVICE:
		return fetch_name(buf, size, "device", "kobj.name");
	case PCI_DEVICE:
		return fetch_name(buf, size, "pci_dev", "dev.kobj.name");
	case KERNFS:
		return fetch_file(buf, size);
	case KERNFS_CHILD:
		return fetch_child(buf, size);
	}
	return -1;
}

static bool probe_add(const char *function, enum shape shape)
{
	char args[160], line[320], path[128];

	if (fetch(args, sizeof(args), shape))
		return false;
	snprintf(line, sizeof(line), "p:" GROUP "/%s %s depth=$stack caller=$stack0:symbol %s",
		 function, function, args);
	if (file_write(TRACEFS "/kprobe_events", line))
		return false;
	snprintf(path, sizeof(path), TRACEFS "/events/" GROUP "/%s/enable", function);
	return !file_write(path, "1");
}

void trace_setup(void)
{
	bool drained = false;

	file_write(TRACEFS "/buffer_size_kb", BUFFER_KB);
	for (size_t i = 0; i < NPROBES; i++) {
		installed[i] = !(probes[i].arg == KERNFS_CHILD && drained) &&
			       probe_add(probes[i].function, probes[i].arg);
		drained |= installed[i] && probes[i].arg == KERNFS;
	}
}

/* What is measured from here on is not to pay for evidence. */
void op_untraced(char **words, unsigned int count)
{
	(void)words, (void)count;
	if (file_write(TRACEFS "/events/" GROUP "/enable", "0"))
		die("the agent's own probes cannot be switched off");
}

/* From here on the module's own events are recorded, if it is there. */
void op_events(char **words, unsigned int count)
{
	(void)words, (void)count;
	events_on = !file_write(TRACEFS "/events/slotgate/enable", "1");
}

/* Those of slotgate, each a probe on an empty function of its own, in their order. */
static struct json_object *events_json(char *text)
{
	struct json_object *ret = json_object_new_array();
	char *line, *save = NULL;

	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (strstr(line, ": (sg_trace_"))
			json_object_array_add(ret, json_object_new_string(line));
	return ret;
}

void report_events(void)
{
	struct json_object *rec;
	char *text;

	if (!events_on || file_slurp(TRACEFS "/trace", &text, NULL))
		return;
	rec = record("events");
	json_object_object_add(rec, "lines", events_json(text));
	report(rec);
	free(text);
}

/* "... irq/25-pciehp-72  [001] ..." - the number in front of the processor */
static pid_t line_tid(const char *line)
{
	const char *at = line;

	while ((at = strstr(at, " ["))) {
		const char *digit = at;

		if (isdigit((unsigned char)at[2]) && isdigit((unsigned char)at[3]) &&
		    isdigit((unsigned char)at[4]) && at[5] == ']')
			break;
		at = digit + 1;
	}
	while (at && at > line && at[0] == ' ')
		at--;
	while (at && at > line && isdigit((unsigned char)at[-1]))
		at--;
	return at ? atoi(at) : 0;
}

static void quoted(char *buf, size_t size, const char *line, const char *key)
{
	const char *at = strstr(line, key);
	size_t len;

	if (!at)
		return;
	at += strlen(key);
	len = strcspn(at, "\"");
	snprintf(buf + strlen(buf), size - strlen(buf), "%.*s", (int)len, at);
}

static void symbol(char *buf, size_t size, const char *line, const char *key)
{
	const char *at = strstr(line, key);

	at = at ? at + strlen(key) : "";
	snprintf(buf, size, "%.*s", (int)strcspn(at, "+ \n"), at);
}

/* "... device_del: (device_del+0x0/0x400) depth=0xffff... caller=f+0x1/0x2 name="0000:05:00.0"" */
static bool line_parse(struct call *call, const char *line)
{
	const char *paren = strstr(line, ": ("), *depth = strstr(line, ") depth=");
	size_t len;

	if (!paren || !depth)
		return false;
	paren += 3;
	len = strcspn(paren, "+) ");
	for (call->probe = 0; call->probe < NPROBES; call->probe++)
		if (strlen(probes[call->probe].function) == len &&
		    !strncmp(probes[call->probe].function, paren, len))
			break;
	if (call->probe == NPROBES)
		return false;
	call->tid = line_tid(line);
	call->depth = strtoull(depth + strlen(") depth="), NULL, 16);
	call->value[0] = '\0';
	symbol(call->caller, sizeof(call->caller), depth, " caller=");
	quoted(call->value, sizeof(call->value), depth, " folder=\"");
	if (call->value[0])
		strncat(call->value, "/", sizeof(call->value) - strlen(call->value) - 1);
	quoted(call->value, sizeof(call->value), depth, " name=\"");
	return true;
}

void trace_read(void)
{
	char *text, *line, *save = NULL;
	size_t lines = 0;

	free(calls);
	calls = NULL;
	ncalls = 0;
	if (file_slurp(TRACEFS "/trace", &text, NULL))
		return;
	for (const char *c = text; *c; c++)
		lines += *c == '\n';
	calls = calloc(lines + 1, sizeof(*calls));
	for (line = strtok_r(text, "\n", &save); calls && line;
	     line = strtok_r(NULL, "\n", &save))
		ncalls += line[0] != '#' && line_parse(&calls[ncalls], line);
	free(text);
}

/* Calls of @tid that may still be open, innermost first. */
static size_t open_calls(pid_t tid, const struct call **ret, size_t max)
{
	unsigned long long depth = 0;
	size_t count = 0;

	for (size_t i = ncalls; i-- > 0 && count < max;) {
		if (calls[i].tid != tid || calls[i].depth <= depth)
			continue;
		depth = calls[i].depth;
		ret[count++] = &calls[i];
	}
	return count;
}

/* @frame: -1 for one that may not be on the stack */
static struct json_object *call_json(int frame, const struct call *call)
{
	struct json_object *ret = json_object_new_object();

	if (frame >= 0)
		json_object_object_add(ret, "frame", json_object_new_int(frame));
	json_object_object_add(ret, "function",
			       json_object_new_string(probes[call->probe].function));
	json_object_object_add(ret, "on", json_object_new_string(call->value));
	return ret;
}

static bool frame_is(struct json_object *stack, size_t frame, const struct call *call)
{
	struct json_object *name = json_object_array_get_idx(stack, frame);

	return !strcmp(json_object_get_string(name), probes[call->probe].function);
}

static bool frame_probed(struct json_object *stack, size_t frame)
{
	for (unsigned int i = 0; i < NPROBES; i++)
		if (installed[i] && frame_is(stack, frame, &(struct call){ .probe = i }))
			return true;
	return false;
}

/**
 * trace_latest - the last recorded call of @tid, or NULL
 *
 * A function may end in a jump to the one that sleeps and so be missing from
 * the stack: pci_lock_rescan_remove() does.
 */
struct json_object *trace_latest(pid_t tid)
{
	const struct call *latest;

	return open_calls(tid, &latest, 1) ? call_json(-1, latest) : NULL;
}

static bool called_from(struct json_object *stack, size_t frame, const struct call *call)
{
	size_t len = json_object_array_length(stack);

	for (size_t at = frame + 1; at < len && at <= frame + CALLER_DISTANCE; at++)
		if (!strcmp(json_object_get_string(json_object_array_get_idx(stack, at)),
			    call->caller))
			return true;
	return false;
}

/*
 * From the inside out.  Calls without a frame are passed over: they have
 * returned, or ended in a jump to the next function.  A frame without a call
 * means that the buffer lost some, and then nothing is said at all.
 */
struct json_object *trace_calls(pid_t tid, struct json_object *stack)
{
	struct json_object *ret = json_object_new_array();
	const struct call *open[OPEN_MAX];
	size_t count = open_calls(tid, open, OPEN_MAX), next = 0;

	for (size_t frame = 0; frame < json_object_array_length(stack); frame++) {
		if (!frame_probed(stack, frame))
			continue;
		while (next < count && !(frame_is(stack, frame, open[next]) &&
					 called_from(stack, frame, open[next])))
			next++;
		if (next == count)
			goto lost;
		json_object_array_add(ret, call_json(frame, open[next++]));
	}
	return ret;
lost:
	json_object_put(ret);
	return json_object_new_array();
}
