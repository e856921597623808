// SPDX-License-Identifier: GPL-2.0-only
/*
 * evidence.c - who stands where in the kernel
 *
 * Two samples some seconds apart: only a task whose stack did not change
 * counts.  Nothing here interprets; that is the host's work.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent.h"

#define BETWEEN_SAMPLES_MS 3000
#define LOG_LINES 60

static void add_string(struct json_object *obj, const char *key, const char *value)
{
	json_object_object_add(obj, key, json_object_new_string(value));
}

/* Any thread of a process may be the one to close what all of them have open. */
static pid_t process_of(pid_t tid)
{
	char path[32], *text, *line;
	pid_t pid = tid;

	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	if (file_slurp(path, &text, NULL))
		return tid;
	line = strstr(text, "\nTgid:");
	if (line)
		pid = atoi(line + strlen("\nTgid:"));
	free(text);
	return pid;
}

static void sample_one(void *list, pid_t tid)
{
	struct json_object *stack = task_stack(tid);
	const struct proc *proc = proc_by_pid(process_of(tid));

	if (stack_is_ours(stack))
		json_object_array_add(list, task_json(tid, proc ? proc->role : "", stack));
	else
		json_object_put(stack);
}

static struct json_object *sample(void)
{
	struct json_object *list = json_object_new_array();

	tasks_each(sample_one, list);
	return list;
}

static struct json_object *stuck_tasks(void)
{
	struct json_object *before = sample(), *after, *ret;

	sleep_ms(BETWEEN_SAMPLES_MS);
	after = sample();
	trace_read();
	ret = tasks_unchanged(after, before);
	for (size_t i = 0; i < json_object_array_length(ret); i++) {
		struct json_object *task = json_object_array_get_idx(ret, i);
		pid_t tid = json_object_get_int(json_object_object_get(task, "pid"));

		json_object_object_add(task, "calls",
				       trace_calls(tid, json_object_object_get(task, "stack")));
		json_object_object_add(task, "latest", trace_latest(tid));
	}
	json_object_put(before);
	json_object_put(after);
	return ret;
}

static struct json_object *slots_json(void)
{
	struct json_object *ret = json_object_new_array(), *obj;
	const struct slot *slot = NULL;

	while ((slot = slot_next(slot))) {
		obj = json_object_new_object();
		json_object_object_add(obj, "slot", json_object_new_int(slot->number));
		add_string(obj, "port", slot->port);
		add_string(obj, "bus", slot->bus);
		json_object_object_add(obj, "irq", json_object_new_int(slot->irq));
		json_object_object_add(obj, "device",
				       slot_present(slot) ? json_object_new_string(slot->device)
							  : NULL);
		json_object_object_add(obj, "thread", json_object_new_int(slot->thread));
		json_object_array_add(ret, obj);
	}
	return ret;
}

static struct json_object *marked(const struct owner *owner, const volatile bool *marks)
{
	struct json_object *ret = json_object_new_array();

	for (unsigned int i = 0; i < owner->count; i++)
		if (!marks || marks[i])
			json_object_array_add(ret, json_object_new_int(owner->slots[i]));
	return ret;
}

static struct json_object *owner_json(const struct proc *proc)
{
	const struct owner *owner = proc->owner;
	struct json_object *ret = json_object_new_object();
	struct json_object *devices = json_object_new_array();

	for (unsigned int i = 0; i < owner->count; i++)
		json_object_array_add(devices, json_object_new_string(owner->devices[i]));
	add_string(ret, "id", owner->id);
	json_object_object_add(ret, "pid", json_object_new_int(proc->pid));
	json_object_object_add(ret, "slots", marked(owner, NULL));
	json_object_object_add(ret, "devices", devices);
	json_object_object_add(ret, "asked", marked(owner, owner->asked));
	json_object_object_add(ret, "closed", marked(owner, owner->closed));
	return ret;
}

static struct json_object *owners_json(void)
{
	struct json_object *ret = json_object_new_array();
	const struct proc *proc = NULL;

	while ((proc = proc_next(NULL, proc)))
		if (proc->owner)
			json_object_array_add(ret, owner_json(proc));
	return ret;
}

void report_evidence(void)
{
	struct json_object *rec = record("evidence");

	slots_refresh();
	json_object_object_add(rec, "tasks", stuck_tasks());
	proc_reap();
	json_object_object_add(rec, "slots", slots_json());
	json_object_object_add(rec, "owners", owners_json());
	json_object_object_add(rec, "log", kernel_log(LOG_LINES));
	report(rec);
}
