// SPDX-License-Identifier: GPL-2.0-only
/*
 * klog.c - evidence of a hang from what the kernel wrote about blocked tasks
 *
 * Lines come with all kinds of things in front (levels, times, hosts, quotes),
 * broken off, and between others that are none of our business.  So nothing is
 * asked of the beginning of a line: what matters is recognised by itself.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "klog_internal.h"
#include "slotgate/klog.h"
#include "task.h"

enum { TASKS_MAX = 2048, FRAMES_MAX = 128, LINE_SIZE = 1024 };

/* ---- a line ---- */

static bool is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '.';
}

/*
 * "function+0x12/0x345", with or without "/0x345" and "[module]", which may be cut
 * off.  The name is what is left of the sign.  Returns its length, 0: no frame.
 */
static size_t find_frame(const char *line, const char **name)
{
	const char *plus = line;
	size_t len;

	while ((plus = strstr(plus, "+0x"))) {
		for (len = 0; plus - len > line && is_name(plus[-(long)len - 1]); len++)
			;
		if (len && !isdigit((unsigned char)plus[-(long)len])) {
			*name = plus - len;
			return len;
		}
		plus++;
	}
	return 0;
}

/* Left-overs of earlier calls, registers, locks: no part of the stack. */
static bool is_no_call(const char *line, const char *name)
{
	static const char *const others[] = { "RIP:", " at: ", "PC is at", "Workqueue:", NULL };

	for (size_t i = 0; others[i]; i++) {
		const char *at = strstr(line, others[i]);

		if (at && at < name)
			return true;
	}
	return name - line >= 2 && name[-1] == ' ' && name[-2] == '?';
}

static void add_frame(struct klog *log, const char *line)
{
	const char *name;
	size_t len = find_frame(line, &name);
	struct json_object *stack;

	if (!log->task || !len || is_no_call(line, name) || !strncmp(name, "__pfx_", 6))
		return;
	stack = json_object_object_get(log->task, "stack");
	if (json_object_array_length(stack) < FRAMES_MAX)
		json_object_array_add(stack, json_object_new_string_len(name, len));
}

/* ---- tasks ---- */

static int member_int(struct json_object *obj, const char *key)
{
	return json_object_get_int(json_object_object_get(obj, key));
}

static void forget(struct klog *log, int pid)
{
	for (size_t i = 0; i < json_object_array_length(log->tasks); i++)
		if (member_int(json_object_array_get_idx(log->tasks, i), "pid") == pid) {
			json_object_array_del_idx(log->tasks, i, 1);
			return;
		}
}

static void begin_task(struct klog *log, const char *comm, size_t len, char state, int pid)
{
	struct json_object *task = json_object_new_object();

	while (len && comm[len - 1] == ' ')
		len--;
	forget(log, pid);
	log->task = NULL;
	if (json_object_array_length(log->tasks) == TASKS_MAX) {
		json_object_put(task);
		return;
	}
	json_object_object_add(task, "pid", json_object_new_int(pid));
	json_object_object_add(task, "comm", json_object_new_string_len(comm, len));
	json_object_object_add(task, "state", json_object_new_string_len(&state, 1));
	json_object_object_add(task, "role", json_object_new_string(""));
	json_object_object_add(task, "stack", json_object_new_array());
	json_object_array_add(log->tasks, task);
	log->task = task;
}

/* "task:irq/26-pciehp   state:D stack:    0 pid:   56 ppid:     2 flags:0x00004000" */
static bool take_task(struct klog *log, const char *line)
{
	const char *comm = strstr(line, "task:"), *state, *pid;

	if (!comm)
		return false;
	comm += strlen("task:");
	state = strstr(comm, " state:");
	pid = state ? strstr(state, " pid:") : NULL;
	if (!pid)
		return false;
	begin_task(log, comm, state - comm, state[strlen(" state:")], atoi(pid + strlen(" pid:")));
	return true;
}

/* "INFO: task irq/26-pciehp:56 blocked for more than 120 seconds.": its stack follows. */
static bool take_hung(struct klog *log, const char *line)
{
	if (!strstr(line, "INFO: task ") || !strstr(line, " blocked for more than "))
		return false;
	log->task = NULL;
	log->kind = "hung-task";
	return true;
}

/* "irq/32-pciehp:71" and what follows: names may hold colons and blanks. */
static int pid_of(const char *text, size_t len)
{
	while (len && text[len - 1] != ':')
		len--;
	return len ? atoi(text + len) : 0;
}

static size_t until(const char *text, const char *end)
{
	const char *at = strstr(text, end);

	return at ? (size_t)(at - text) : strlen(text);
}

/*
 * Since 6.16: "INFO: task A:5 is blocked on a mutex likely owned by task B:6.", or
 * "INFO: task A:5 <writer> blocked on an rw-semaphore likely owned by task B:6 <reader>".
 */
static bool take_blocker(struct klog *log, const char *line)
{
	const char *waiter = strstr(line, "INFO: task "), *holder;
	int pid;

	holder = waiter && strstr(waiter, " blocked on a") ? strstr(waiter, " by task ") : NULL;
	if (!holder)
		return false;
	waiter += strlen("INFO: task ");
	holder += strlen(" by task ");
	pid = pid_of(waiter, until(waiter, " is blocked on") < until(waiter, " blocked on") ?
			     until(waiter, " is blocked on") : until(waiter, " <"));
	for (size_t i = 0; i < json_object_array_length(log->tasks); i++) {
		struct json_object *task = json_object_array_get_idx(log->tasks, i);

		if (pid && member_int(task, "pid") == pid)
			json_object_object_add(task, "blocker", json_object_new_int(
				pid_of(holder, until(holder, " <"))));
	}
	log->task = NULL;
	return true;
}

static void drop_tasks(struct klog *log)
{
	json_object_put(log->tasks);
	log->tasks = json_object_new_array();
	log->task = NULL;
}

/* All blocked tasks are listed anew: who is not among them has gone on. */
static bool take_sysrq(struct klog *log, const char *line)
{
	bool blocked = strstr(line, "Show Blocked State");

	if (!blocked && !strstr(line, "sysrq: Show State"))
		return false;
	drop_tasks(log);
	log->kind = blocked ? "sysrq-w" : "sysrq-t";
	return true;
}

/* Another boot: nothing of the one before is true any more. */
static bool take_boot(struct klog *log, const char *line)
{
	const char *version = strstr(line, "Linux version ");

	if (!version)
		return false;
	drop_tasks(log);
	klog_slots_reset(log);
	version += strlen("Linux version ");
	snprintf(log->release, sizeof(log->release), "%.*s", (int)strcspn(version, " "), version);
	log->kind = "log";
	return true;
}

/* What ends a stack, so that frames of other reports are not taken for it. */
static bool take_end(struct klog *log, const char *line)
{
	static const char *const ends[] = {
		"</TASK>", "cut here", "Showing all locks", "Sched Debug", "NMI backtrace", NULL
	};

	for (size_t i = 0; ends[i]; i++)
		if (strstr(line, ends[i])) {
			log->task = NULL;
			return true;
		}
	return false;
}

static bool take_frame(struct klog *log, const char *line)
{
	add_frame(log, line);
	return true;
}

static bool (*const takers[])(struct klog *log, const char *line) = {
	take_task, take_hung, take_blocker, take_sysrq, take_boot, take_end, klog_take_slot, take_frame,
};

static void take_line(struct klog *log, const char *line)
{
	for (size_t i = 0; i < sizeof(takers) / sizeof(takers[0]); i++)
		if (takers[i](log, line))
			return;
}

/* ---- all of it ---- */

/* What is no text is no part of a name either. */
static void copy_line(char *buf, const char *text, size_t len)
{
	if (len > LINE_SIZE - 1)
		len = LINE_SIZE - 1;
	for (size_t i = 0; i < len; i++)
		buf[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : ' ';
	while (len && buf[len - 1] == ' ')
		len--;
	buf[len] = '\0';
}

static void read_lines(struct klog *log, const char *text, size_t size)
{
	char line[LINE_SIZE];

	while (size) {
		const char *end = memchr(text, '\n', size);
		size_t len = end ? (size_t)(end - text) : size;

		copy_line(line, text, len);
		take_line(log, line);
		len += !!end;
		text += len;
		size -= len;
	}
}

/* Only tasks in our part of the kernel matter, and only those that sleep. */
static struct json_object *our_tasks(const struct klog *log)
{
	struct json_object *ret = json_object_new_array();

	for (size_t i = 0; i < json_object_array_length(log->tasks); i++) {
		struct json_object *task = json_object_array_get_idx(log->tasks, i);
		const char *state = json_object_get_string(json_object_object_get(task, "state"));

		if ((*state == 'D' || *state == 'S') &&
		    stack_is_ours(json_object_object_get(task, "stack")))
			json_object_array_add(ret, json_object_get(task));
	}
	return ret;
}

static struct json_object *evidence_of(struct klog *log)
{
	struct json_object *ret = json_object_new_object(), *tasks = our_tasks(log);

	json_object_object_add(ret, "log_kind", json_object_new_string(log->kind));
	if (log->release[0])
		json_object_object_add(ret, "release", json_object_new_string(log->release));
	json_object_object_add(ret, "slots", klog_slots(log, tasks));
	json_object_object_add(ret, "asked", klog_asked(log));
	json_object_object_add(ret, "tasks", tasks);
	json_object_object_add(ret, "owners", json_object_new_array());
	json_object_object_add(ret, "log", json_object_new_array());
	json_object_object_add(ret, "missing", klog_missing(log));
	return ret;
}

int sg_klog_evidence(const char *text, size_t size, struct json_object **ret,
		     struct sg_error *err)
{
	struct klog log = { .tasks = json_object_new_array() };

	read_lines(&log, text, size);
	if (log.kind || json_object_array_length(log.tasks)) {
		if (!log.kind)
			log.kind = "log";
		*ret = evidence_of(&log);
	}
	json_object_put(log.tasks);
	if (!log.kind)
		return sg_error_set(err, -EINVAL, "no kernel log: no line tells of a boot, of blocked "
				    "tasks or of a task's state");
	return 0;
}
