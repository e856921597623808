// SPDX-License-Identifier: GPL-2.0-only
/*
 * diagnose_walk.c - all ways through the wait-for graph, also where names are missing
 *
 * Where the evidence names both what a task waits for and who holds it, that is
 * the only way on.  Where it does not, every task that holds one of that kind
 * without a name, or waits for one, may be meant.  What comes of a wrong turn
 * fits no row of the scoreboard; what fits is told to be by elimination.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "diagnose_internal.h"

enum {
	DEPTH_MAX = 8,		/* tasks on a path; the longest cycle known has five */
	STEPS_MAX = 400000,
};

struct state {
	struct walk *walk;
	size_t path[DEPTH_MAX];
	bool guessed[DEPTH_MAX];	/* is the step to the next one told by elimination? */
	size_t depth;
	unsigned int steps;
};

static bool function_listed(const char *name, const char *functions)
{
	size_t len = strcspn(name, ".");

	while (*functions) {
		size_t want = strcspn(functions, "|");

		if (want == len && !strncmp(name, functions, len))
			return true;
		functions += want + (functions[want] == '|');
	}
	return false;
}

bool task_has_frame(struct json_object *evidence, size_t index, const char *functions)
{
	struct json_object *task, *stack, *frame;

	task = json_object_array_get_idx(sg_json_array(evidence, "tasks"), index);
	stack = task ? sg_json_array(task, "stack") : NULL;
	for (size_t i = 0; stack && i < json_object_array_length(stack); i++) {
		frame = json_object_array_get_idx(stack, i);
		if (json_object_is_type(frame, json_type_string) &&
		    function_listed(json_object_get_string(frame), functions))
			return true;
	}
	return false;
}

static bool holds(const struct sg_task *task, const struct sg_resource *res)
{
	for (size_t i = 0; i < task->nholds; i++)
		if (task->holds[i].kind == res->kind && task->holds[i].slot == res->slot &&
		    !strcmp(task->holds[i].name, res->name))
			return true;
	return false;
}

/* A slot's power file goes with the slot, other files with their device. */
static bool file_fits(const struct walk *walk, size_t waiter, size_t holder)
{
	return task_has_frame(walk->evidence, waiter, "pci_hp_del") ==
	       task_has_frame(walk->evidence, holder, "power_write_file|power_read_file");
}

/* Kernel threads own no devices. */
static bool is_process(const struct sg_task *task)
{
	return strncmp(task->comm, "irq/", 4) && strncmp(task->comm, "kworker/", 8);
}

/* Could @holder have what @waiter waits for, of which one has no name? */
static bool may_hold(const struct walk *walk, size_t waiter, size_t holder)
{
	const struct sg_task *task = &walk->analysis->tasks[waiter];
	const struct sg_task *other = &walk->analysis->tasks[holder];
	const struct sg_resource *want = &task->waits;

	if (waiter == holder || (want->kind == SG_RES_FILE && !file_fits(walk, waiter, holder)))
		return false;
	if (other->unnamed & 1u << want->kind)
		return true;
	if (walk->assume && want->kind == SG_RES_OWNER && other->pid && is_process(other))
		return true;
	for (size_t i = 0; !sg_resource_known(want) && i < other->nholds; i++)
		if (other->holds[i].kind == want->kind && !holds(task, &other->holds[i]) &&
		    !(other->holds[i].shared && want->shared))
			return true;
	return false;
}

/* A process that has the device open and is none of the stuck tasks. */
static bool owner_runs(const struct walk *walk, const struct sg_resource *want)
{
	struct json_object *owners = sg_json_array(walk->evidence, "owners"), *devices;

	for (size_t i = 0; owners && i < json_object_array_length(owners); i++) {
		devices = sg_json_array(json_object_array_get_idx(owners, i), "devices");
		for (size_t d = 0; devices && d < json_object_array_length(devices); d++)
			if (!strcmp(json_object_get_string(json_object_array_get_idx(devices, d)),
				    want->name))
				return true;
	}
	return false;
}

/* What holds the waits of @at up for certain leaves no room for anything else. */
static bool is_certain(const struct walk *walk, size_t at)
{
	const struct sg_analysis *analysis = walk->analysis;
	const struct sg_resource *want = &analysis->tasks[at].waits;

	if (want->kind == SG_RES_NONE || want->kind == SG_RES_ANSWER)
		return true;
	if (want->kind == SG_RES_OWNER && want->name[0] && owner_runs(walk, want))
		return true;
	for (size_t i = 0; i < analysis->ntasks; i++)
		if (sg_task_waits_for(&analysis->tasks[at], &analysis->tasks[i]))
			return true;
	return false;
}

/* A cycle is met from each of its tasks: the first of them speaks for it. */
static void visit(struct state *state, size_t first, bool cycle)
{
	unsigned int eliminated = 0;

	for (size_t i = 1; cycle && i < state->depth; i++)
		if (first || state->path[i] < state->path[0])
			return;
	for (size_t i = first; i < state->depth; i++)
		eliminated += state->guessed[i];
	state->walk->visit(state->walk, state->path + first, state->depth - first, cycle,
			   eliminated);
}

static void go_on(struct state *state);

static void step(struct state *state, size_t to, bool guessed)
{
	state->guessed[state->depth - 1] = guessed;
	for (size_t i = 0; i < state->depth; i++)
		if (state->path[i] == to) {
			visit(state, i, true);
			return;
		}
	if (state->depth == DEPTH_MAX || ++state->steps > STEPS_MAX)
		return;
	state->path[state->depth++] = to;
	state->guessed[state->depth - 1] = false;
	go_on(state);
	state->depth--;
}

static void go_on(struct state *state)
{
	const struct sg_analysis *analysis = state->walk->analysis;
	size_t at = state->path[state->depth - 1];
	bool certain = is_certain(state->walk, at), end = true;

	for (size_t to = 0; to < analysis->ntasks; to++) {
		if (certain ? !sg_task_waits_for(&analysis->tasks[at], &analysis->tasks[to])
			    : !may_hold(state->walk, at, to))
			continue;
		end = false;
		step(state, to, !certain);
	}
	if (end)
		visit(state, 0, false);
}

void walk_graph(struct walk *walk)
{
	struct state state = { .walk = walk };

	for (size_t i = 0; i < walk->analysis->ntasks; i++) {
		if (walk->analysis->tasks[i].waits.kind == SG_RES_NONE)
			continue;
		state.path[0] = i;
		state.depth = 1;
		state.guessed[0] = false;
		state.steps = 0;
		go_on(&state);
	}
}
