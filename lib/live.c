// SPDX-License-Identifier: GPL-2.0-only
/*
 * live.c - evidence of a hang, taken from the machine that we run on
 *
 * Only procfs and sysfs are read.  Without the right to read other tasks'
 * stacks a task is told by its name and its state alone.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "file.h"
#include "live_internal.h"
#include "slotgate/live.h"
#include "slotgate/livepatch.h"
#include "task.h"

#define LOG_LINES 60
#define LOG_BYTES (1 << 20)
#define SYSLOG_READ_ALL 3

void live_string(struct json_object *obj, const char *key, const char *value)
{
	json_object_object_add(obj, key, json_object_new_string(value));
}

/* ---- tasks ---- */

static bool stacks_readable(void)
{
	char text[256];

	return !file_read(text, sizeof(text), "/proc/1/stack");
}

/* Those whose name alone says that they work on slots and ports. */
static bool name_is_ours(const char *comm)
{
	return !strncmp(comm, "irq/", 4) &&
	       (strstr(comm, "-pciehp") || strstr(comm, "-aerdrv") || strstr(comm, "-pcie-dpc"));
}

/* How often it went to sleep: the one thing that tells whether it moves. */
static int switches(pid_t tid)
{
	static const char key[] = "\nvoluntary_ctxt_switches:";
	char path[64], *text, *at;
	int ret = 0;

	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	if (file_slurp(path, &text, NULL))
		return 0;
	at = strstr(text, key);
	if (at)
		ret = atoi(at + strlen(key));
	free(text);
	return ret;
}

/* Where it sleeps, if we may know that: one function, and only of our own tasks. */
static void add_place(struct json_object *stack, pid_t tid)
{
	char text[128];

	if (!file_read(text, sizeof(text), "/proc/%d/wchan", tid) && text[0] && strcmp(text, "0"))
		json_object_array_add(stack, json_object_new_string(text));
}

static void sample_blind(struct json_object *list, pid_t tid)
{
	struct json_object *stack, *task;
	char comm[32] = "", state = task_state(tid);

	file_read(comm, sizeof(comm), "/proc/%d/comm", tid);
	if (state != 'D' && !(state == 'S' && name_is_ours(comm)))
		return;
	stack = json_object_new_array();
	add_place(stack, tid);
	if (state == 'S' && !stack_is_ours(stack)) {
		json_object_put(stack);
		return;
	}
	task = task_json(tid, "", stack);
	json_object_object_add(task, "switches", json_object_new_int(switches(tid)));
	json_object_array_add(list, task);
}

static void sample_seeing(struct json_object *list, pid_t tid)
{
	struct json_object *stack = task_stack(tid);

	if (stack_is_ours(stack))
		json_object_array_add(list, task_json(tid, "", stack));
	else
		json_object_put(stack);
}

struct sampling {
	struct json_object *list;
	bool blind;
};

static void sample_one(void *arg, pid_t tid)
{
	const struct sampling *sampling = arg;

	(sampling->blind ? sample_blind : sample_seeing)(sampling->list, tid);
}

static struct json_object *sample(bool blind)
{
	struct sampling sampling = { json_object_new_array(), blind };

	tasks_each(sample_one, &sampling);
	return sampling.list;
}

static void wait_between(unsigned int ms)
{
	struct timespec left = { ms / 1000, ms % 1000 * 1000000L };

	while (nanosleep(&left, &left) && errno == EINTR)
		;
}

static struct json_object *stuck_tasks(bool blind, unsigned int wait_ms)
{
	struct json_object *before = sample(blind), *after, *ret;

	wait_between(wait_ms);
	after = sample(blind);
	ret = tasks_unchanged(after, before);
	json_object_put(before);
	json_object_put(after);
	return ret;
}

/* ---- the kernel log ---- */

static void add_line(struct json_object *list, char *line)
{
	for (char *c = line; *c; c++)
		if ((unsigned char)*c < ' ' || (unsigned char)*c > '~')
			*c = '?';
	json_object_array_add(list, json_object_new_string(line));
}

/* Its last lines; none without the right to read it. */
static struct json_object *kernel_log(bool *readable)
{
	struct json_object *list = json_object_new_array();
	char *text = calloc(LOG_BYTES + 1, 1), *start, *line, *save = NULL;
	int len = text ? klogctl(SYSLOG_READ_ALL, text, LOG_BYTES) : -1;

	*readable = len >= 0;
	if (!text)
		return list;
	text[len >= 0 ? len : 0] = '\0';
	start = text + strlen(text);
	for (int lines = LOG_LINES + 1; start > text && lines; start--)
		if (start[-1] == '\n' && !--lines)
			break;
	for (line = strtok_r(start, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		add_line(list, line);
	free(text);
	return list;
}

/* ---- together ---- */

static void add_missing(struct json_object *list, bool miss, const char *text)
{
	if (miss)
		json_object_array_add(list, json_object_new_string(text));
}

int sg_live_evidence(unsigned int wait_ms, struct json_object **ret, struct sg_error *err)
{
	struct json_object *evidence, *missing = json_object_new_array();
	bool blind = !stacks_readable(), log_readable = false;
	unsigned int hidden = 0;
	struct utsname name;

	if (!file_exists("/proc/self/stat") || !file_exists("/sys/bus/pci"))
		return sg_error_set(err, -ENOENT, "diagnose needs /proc and /sys/bus/pci");
	evidence = json_object_new_object();
	uname(&name);
	live_string(evidence, "release", name.release);
	live_string(evidence, "slotgate", sg_patch_state_name(sg_patch_state("")));
	json_object_object_add(evidence, "slots", live_slots());
	json_object_object_add(evidence, "owners", live_owners(&hidden));
	json_object_object_add(evidence, "tasks", stuck_tasks(blind, wait_ms));
	json_object_object_add(evidence, "log", kernel_log(&log_readable));
	json_object_object_add(evidence, "blind", json_object_new_boolean(blind));
	add_missing(missing, blind, "the stacks of other users' tasks, and so what they hold and "
				    "wait for (run it as root)");
	add_missing(missing, hidden, "which processes have vfio devices open (run it as root)");
	add_missing(missing, !log_readable, "the kernel log (run it as root)");
	json_object_object_add(evidence, "missing", missing);
	*ret = evidence;
	return 0;
}
