// SPDX-License-Identifier: GPL-2.0-only
/*
 * evidence.c - the wait-for graph of stuck tasks, and the cycle in it
 *
 * A task waits for one resource, and for everyone who holds it: whoever is on
 * a cycle can never go on.  The shortest cycle is the one reported; without
 * one, the longest chain is, and whom it ends in.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence_internal.h"

#define NOBODY ((size_t)-1)
#define TASKS_MAX 4096

const char *sg_json_string(struct json_object *obj, const char *key)
{
	struct json_object *value;

	if (!json_object_object_get_ex(obj, key, &value) ||
	    !json_object_is_type(value, json_type_string))
		return "";
	return json_object_get_string(value);
}

int sg_json_int(struct json_object *obj, const char *key)
{
	struct json_object *value;

	if (!json_object_object_get_ex(obj, key, &value) ||
	    !json_object_is_type(value, json_type_int))
		return 0;
	return json_object_get_int(value);
}

struct json_object *sg_json_array(struct json_object *obj, const char *key)
{
	struct json_object *value;

	if (!json_object_object_get_ex(obj, key, &value) ||
	    !json_object_is_type(value, json_type_array))
		return NULL;
	return value;
}

static struct json_object *nth(struct json_object *array, size_t i)
{
	return array && i < json_object_array_length(array) ? json_object_array_get_idx(array, i)
							    : NULL;
}

struct json_object *sg_evidence_slot(struct json_object *evidence, const char *key,
				     const char *value)
{
	struct json_object *slots = sg_json_array(evidence, "slots"), *slot;

	for (size_t i = 0; *value && (slot = nth(slots, i)); i++)
		if (!strcmp(sg_json_string(slot, key), value))
			return slot;
	return NULL;
}

struct json_object *sg_evidence_slot_of_thread(struct json_object *evidence, int pid)
{
	struct json_object *slots = sg_json_array(evidence, "slots"), *slot;

	for (size_t i = 0; pid && (slot = nth(slots, i)); i++)
		if (sg_json_int(slot, "thread") == pid)
			return slot;
	return NULL;
}

/* Without a name or a slot the resource could be any of its kind: no claim. */
bool sg_resource_known(const struct sg_resource *res)
{
	return res->kind == SG_RES_TOPOLOGY || res->kind == SG_RES_SLOTS ||
	       res->kind == SG_RES_BUSES || res->kind == SG_RES_PCIBACK || res->name[0] || res->slot;
}

bool sg_resource_blocks(const struct sg_resource *held, const struct sg_resource *wanted)
{
	return held->kind != SG_RES_NONE && held->kind == wanted->kind && sg_resource_known(held) &&
	       held->slot == wanted->slot && !strcmp(held->name, wanted->name) &&
	       !(held->shared && wanted->shared);
}

void sg_task_add_hold(struct sg_task *task, const struct sg_resource *hold)
{
	for (size_t i = 0; i < task->nholds; i++) {
		struct sg_resource *held = &task->holds[i];

		if (held->kind == hold->kind && held->slot == hold->slot &&
		    !strcmp(held->name, hold->name))
			return;
	}
	if (!sg_resource_known(hold))
		task->unnamed |= hold->supposed ? 0 : 1u << hold->kind;
	else if (task->nholds < SG_HOLDS_MAX)
		task->holds[task->nholds++] = *hold;
}

static bool contains(struct json_object *numbers, int number)
{
	struct json_object *value;

	for (size_t i = 0; (value = nth(numbers, i)); i++)
		if (json_object_get_int(value) == number)
			return true;
	return false;
}

/* The open devices of one owner; @found is called for each. */
static void owner_devices(struct json_object *owner,
			  void (*found)(void *arg, struct json_object *owner, const char *device),
			  void *arg)
{
	struct json_object *slots = sg_json_array(owner, "slots"), *slot, *device;
	struct json_object *devices = sg_json_array(owner, "devices");
	struct json_object *closed = sg_json_array(owner, "closed");

	/* slots go with the devices where they are told */
	for (size_t i = 0; (device = nth(devices, i)); i++) {
		slot = nth(slots, i);
		if (!(slot && contains(closed, json_object_get_int(slot))) &&
		    json_object_is_type(device, json_type_string))
			found(arg, owner, json_object_get_string(device));
	}
}

static void hold_device(void *task, struct json_object *owner, const char *device)
{
	struct sg_resource res = { .kind = SG_RES_OWNER };

	(void)owner;
	snprintf(res.name, sizeof(res.name), "%s", device);
	sg_task_add_hold(task, &res);
}

/* Not every slot's name is a number. */
void sg_evidence_slot_label(struct json_object *evidence, struct sg_resource *res)
{
	struct json_object *slots = sg_json_array(evidence, "slots"), *slot;

	for (size_t i = 0; res->slot && (slot = nth(slots, i)); i++) {
		const char *name = sg_json_string(slot, "name");

		if (sg_json_int(slot, "slot") == (int)res->slot && name[strspn(name, "0123456789")])
			snprintf(res->name, sizeof(res->name), "%s", name);
	}
}

static void name_task(struct json_object *json, struct json_object *slot,
		      const struct sg_resource *thread, struct sg_task *task)
{
	const char *role = sg_json_string(json, "role");

	if (slot && thread->name[0])
		snprintf(task->who, sizeof(task->who), "slot %s's interrupt thread", thread->name);
	else if (slot)
		snprintf(task->who, sizeof(task->who), "slot %u's interrupt thread", thread->slot);
	else if (strstr(task->comm, "-aerdrv"))
		snprintf(task->who, sizeof(task->who), "error recovery thread %s", task->comm);
	else if (!strncmp(role, "owner ", 6))
		snprintf(task->who, sizeof(task->who), "%s", role);
	else
		snprintf(task->who, sizeof(task->who), "process \"%s\"",
			 *role ? role : task->comm);
}

static void read_task(struct json_object *evidence, struct json_object *json,
		      struct sg_task *task)
{
	struct json_object *slot, *owners = sg_json_array(evidence, "owners"), *owner;
	struct sg_resource thread = { .kind = SG_RES_THREAD };
	int process = sg_json_int(json, "process");

	task->pid = sg_json_int(json, "pid");
	task->blocker = sg_json_int(json, "blocker");
	snprintf(task->comm, sizeof(task->comm), "%s", sg_json_string(json, "comm"));
	slot = sg_evidence_slot_of_thread(evidence, task->pid);
	thread.slot = slot ? sg_json_int(slot, "slot") : 0;
	sg_evidence_slot_label(evidence, &thread);
	name_task(json, slot, &thread, task);
	sg_rules_apply(evidence, json, task);
	if (slot)
		sg_task_add_hold(task, &thread);
	for (size_t i = 0; (owner = nth(owners, i)); i++)
		if (sg_json_int(owner, "pid") == (process ? process : task->pid))
			owner_devices(owner, hold_device, task);
}

/* One that is waited for without a name may be any of its kind. */
static bool may_be(const struct sg_resource *wanted, const struct sg_resource *held)
{
	return wanted->kind == held->kind &&
	       (!sg_resource_known(wanted) ||
		(wanted->slot == held->slot && !strcmp(wanted->name, held->name)));
}

static bool surely_held(const struct sg_analysis *analysis, const struct sg_resource *wanted)
{
	for (size_t i = 0; i < analysis->ntasks; i++)
		for (size_t h = 0; h < analysis->tasks[i].nholds; h++)
			if (!analysis->tasks[i].holds[h].supposed &&
			    may_be(wanted, &analysis->tasks[i].holds[h]))
				return true;
	return false;
}

/* Does somebody wait for @held, and is there nobody who has it for sure? */
static bool must_be_held(const struct sg_analysis *analysis, const struct sg_resource *held)
{
	for (size_t i = 0; i < analysis->ntasks; i++) {
		const struct sg_resource *wanted = &analysis->tasks[i].waits;

		if (may_be(wanted, held) && !(held->shared && wanted->shared) &&
		    !surely_held(analysis, wanted))
			return true;
	}
	return false;
}

/* What depends on the kernel stays where it explains why somebody waits. */
static void settle_supposed(struct sg_analysis *analysis)
{
	for (size_t i = 0; i < analysis->ntasks; i++) {
		struct sg_task *task = &analysis->tasks[i];
		size_t kept = 0;

		for (size_t h = 0; h < task->nholds; h++)
			if (!task->holds[h].supposed || must_be_held(analysis, &task->holds[h]))
				task->holds[kept++] = task->holds[h];
		task->nholds = kept;
	}
}

static bool anyone_has(const struct sg_analysis *analysis, const struct sg_resource *wanted)
{
	for (size_t i = 0; i < analysis->ntasks; i++)
		for (size_t h = 0; h < analysis->tasks[i].nholds; h++)
			if (sg_resource_blocks(&analysis->tasks[i].holds[h], wanted))
				return true;
	return false;
}

/* Of two things that a task may wait for, the one that somebody has. */
static void settle_instead(struct sg_analysis *analysis)
{
	for (size_t i = 0; i < analysis->ntasks; i++) {
		struct sg_task *task = &analysis->tasks[i];

		if (task->instead.kind != SG_RES_NONE && !anyone_has(analysis, &task->waits) &&
		    anyone_has(analysis, &task->instead))
			task->waits = task->instead;
	}
}

/* A reader also waits for a writer that came before it. */
bool sg_task_waits_for(const struct sg_task *task, const struct sg_task *other)
{
	const struct sg_resource *want = &task->waits;

	if (task == other || want->kind == SG_RES_NONE)
		return false;
	if (task->blocker && task->blocker == other->pid)
		return true;
	for (size_t i = 0; i < other->nholds; i++)
		if (sg_resource_blocks(&other->holds[i], want))
			return true;
	return (want->kind == SG_RES_RESET || want->kind == SG_RES_BUSES) && want->shared &&
	       !other->waits.shared && sg_resource_blocks(&other->waits, want);
}

/*
 * Breadth first from @start.  @from gets the task by which each one was reached.
 * Returns the last task before @start again, or NOBODY.
 */
static size_t search(const struct sg_analysis *analysis, size_t start, size_t *from,
		     size_t *queue)
{
	size_t head = 0, tail = 0;

	for (size_t i = 0; i < analysis->ntasks; i++)
		from[i] = NOBODY;
	queue[tail++] = start;
	while (head < tail) {
		size_t at = queue[head++];

		for (size_t to = 0; to < analysis->ntasks; to++) {
			if (!sg_task_waits_for(&analysis->tasks[at], &analysis->tasks[to]))
				continue;
			if (to == start)
				return at;
			if (from[to] != NOBODY)
				continue;
			from[to] = at;
			queue[tail++] = to;
		}
	}
	return NOBODY;
}

/* The way to @last along @from, first task first. */
static size_t trace_back(size_t *path, const size_t *from, size_t start, size_t last)
{
	size_t count = 1;

	for (size_t at = last; at != start; at = from[at])
		count++;
	for (size_t i = count, at = last; i-- > 0; at = from[at])
		path[i] = at;
	return count;
}

static size_t farthest(const size_t *from, size_t start, size_t count, size_t *scratch)
{
	size_t best = start, longest = 1;

	for (size_t i = 0; i < count; i++) {
		size_t len = from[i] == NOBODY ? 0 : trace_back(scratch, from, start, i);

		if (len > longest) {
			longest = len;
			best = i;
		}
	}
	return best;
}

static void keep(struct sg_analysis *analysis, const size_t *path, size_t count, bool cycle)
{
	bool better = cycle == analysis->cycle ? (cycle ? count < analysis->npath
							: count > analysis->npath)
					       : cycle;

	if (analysis->npath && !better)
		return;
	memcpy(analysis->path, path, count * sizeof(*path));
	analysis->npath = count;
	analysis->cycle = cycle;
}

static int find_path(struct sg_analysis *analysis)
{
	size_t n = analysis->ntasks;
	size_t *from = calloc(3 * n + 1, sizeof(*from)), *queue, *path;

	analysis->path = calloc(n + 1, sizeof(*analysis->path));
	if (!from || !analysis->path) {
		free(from);
		return -ENOMEM;
	}
	queue = from + n;
	path = queue + n;
	for (size_t start = 0; start < n; start++) {
		size_t last = search(analysis, start, from, queue);
		bool cycle = last != NOBODY;

		if (analysis->tasks[start].waits.kind == SG_RES_NONE)
			continue;
		if (!cycle)
			last = farthest(from, start, n, path);
		keep(analysis, path, trace_back(path, from, start, last), cycle);
	}
	free(from);
	return 0;
}

struct end_search {
	const struct sg_resource *want;
	char *buf;
	size_t size;
};

static void running_owner(void *arg, struct json_object *owner, const char *device)
{
	struct end_search *search = arg;

	if (search->want->kind == SG_RES_OWNER && !strcmp(search->want->name, device))
		snprintf(search->buf, search->size,
			 "owner %s (pid %d), a process that is not stuck and could close it%s",
			 sg_json_string(owner, "id"), sg_json_int(owner, "pid"),
			 sg_json_int(owner, "unread") ? " (it has events that it did not read)" : "");
}

/* Who holds what the last task of a chain waits for, as far as that is known. */
static void find_end(struct json_object *evidence, struct sg_analysis *analysis)
{
	struct json_object *owners = sg_json_array(evidence, "owners"), *owner;
	struct end_search search = { .buf = analysis->end, .size = sizeof(analysis->end) };

	if (analysis->cycle || !analysis->npath)
		return;
	search.want = &analysis->tasks[analysis->path[analysis->npath - 1]].waits;
	snprintf(analysis->end, sizeof(analysis->end), "%s",
		 search.want->kind == SG_RES_ANSWER ? "hardware and no task" :
		 search.want->kind == SG_RES_QUEUES ? "no task any more" :
						      "somebody who is not among the stuck tasks");
	for (size_t i = 0; (owner = nth(owners, i)); i++)
		owner_devices(owner, running_owner, &search);
}

static int read_tasks(struct json_object *evidence, struct json_object *tasks,
		      struct sg_analysis *analysis)
{
	size_t count = json_object_array_length(tasks);
	struct json_object *task;

	if (count > TASKS_MAX)
		return -E2BIG;
	analysis->tasks = calloc(count + 1, sizeof(*analysis->tasks));
	if (!analysis->tasks)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		task = nth(tasks, i);
		if (!json_object_is_type(task, json_type_object) || !sg_json_array(task, "stack"))
			return -EINVAL;
		read_task(evidence, task, &analysis->tasks[analysis->ntasks++]);
	}
	return 0;
}

int sg_evidence_analyse(struct json_object *evidence, struct sg_analysis *ret)
{
	struct sg_analysis analysis = { .tasks = NULL };
	struct json_object *tasks;
	int err = -EINVAL;

	if (!json_object_is_type(evidence, json_type_object))
		return -EINVAL;
	tasks = sg_json_array(evidence, "tasks");
	if (tasks)
		err = read_tasks(evidence, tasks, &analysis);
	if (!err) {
		settle_supposed(&analysis);
		settle_instead(&analysis);
		err = find_path(&analysis);
	}
	if (err) {
		sg_analysis_deinit(&analysis);
		return err;
	}
	find_end(evidence, &analysis);
	*ret = analysis;
	return 0;
}

void sg_analysis_deinit(struct sg_analysis *analysis)
{
	if (!analysis)
		return;
	free(analysis->tasks);
	free(analysis->path);
	*analysis = (struct sg_analysis){ .tasks = NULL };
}

bool sg_evidence_has_cycle(struct json_object *evidence)
{
	struct sg_analysis analysis;
	bool ret;

	if (sg_evidence_analyse(evidence, &analysis))
		return false;
	ret = analysis.cycle;
	sg_analysis_deinit(&analysis);
	return ret;
}
