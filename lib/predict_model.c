// SPDX-License-Identifier: GPL-2.0-only
/*
 * predict_model.c - what the search needs to know beforehand
 *
 * A task is at rest where it holds nothing.  A vector of positions at which
 * all tasks are at rest, and which has done everything that its events need,
 * is reached by the recorded order, cut to these events: sections are done
 * whole or not at all.
 */
#include <errno.h>
#include <string.h>

#include "predict_internal.h"

static int by_at(const void *a, const void *b)
{
	const struct need *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

/* Who acquired what another released is at rest when that has happened. */
static int add_handover_needs(struct sg_predict *predict)
{
	for (uint32_t i = 0; i < predict->nhandovers; i++) {
		const struct handover *handover = &predict->handovers[i];
		struct task *from = &predict->tasks[handover->from];

		if (!grow(from->needs, from->nneeds, from->need_room))
			return -ENOMEM;
		from->needs[from->nneeds++] = (struct need){
			handover->at, handover->to, handover->until + 1, true
		};
		from->events[handover->at].extra = 1;
	}
	for (uint32_t i = 0; i < predict->ntasks; i++)
		if (predict->tasks[i].hands_over)
			qsort(predict->tasks[i].needs, predict->tasks[i].nneeds,
			      sizeof(struct need), by_at);
	return 0;
}

/* Which change @event makes to what its task holds; 0 for none. */
static enum held_change change_of(const struct event *event, bool shared)
{
	if (takes_exclusive(event->op))
		return HELD_TAKE;
	if (takes_shared(event->op))
		return HELD_TAKE_SHARED;
	if (event->op == SG_OP_RELEASE)
		return shared ? HELD_DROP_SHARED : HELD_DROP;
	return 0;
}

/* What was handed over is with neither task: struct handover has it. */
static int recompute_held(struct sg_predict *predict, uint32_t id)
{
	struct task *task = &predict->tasks[id];
	uint32_t held = 0;

	for (uint32_t at = 0; at < task->count; at++) {
		struct event *event = &task->events[at];
		const struct held_entry *entry = held_find(&predict->held, held, event->object);
		enum held_change change = change_of(event, entry && !entry->exclusive);

		event->held = held;
		if (!change || event->extra)
			continue;
		if (held_change(&predict->held, held, event->object, change, &held))
			return -ENOMEM;
	}
	task->held = held;
	return 0;
}

static void find_quiet(struct task *task)
{
	uint32_t quiet = 0;

	for (uint32_t at = 0; at < task->count; at++) {
		if (!task->events[at].held)
			quiet = at;
		task->events[at].quiet = quiet;
	}
}

/* Needs the other way round: counted first, then filled in. */
static int build_dependants(struct sg_predict *predict)
{
	size_t *start = calloc(predict->ntasks + 2, sizeof(*start)), total = 0;

	predict->dependant_start = start;
	if (!start)
		return -ENOMEM;
	for (uint32_t i = 0; i < predict->ntasks; i++)
		for (uint32_t n = 0; n < predict->tasks[i].nneeds; n++, total++)
			start[predict->tasks[i].needs[n].task + 2]++;
	for (uint32_t i = 2; i < predict->ntasks + 2; i++)
		start[i] += start[i - 1];
	predict->dependants = calloc(total + 1, sizeof(*predict->dependants));
	if (!predict->dependants)
		return -ENOMEM;
	for (uint32_t i = 0; i < predict->ntasks; i++)
		for (uint32_t n = 0; n < predict->tasks[i].nneeds; n++) {
			const struct need *need = &predict->tasks[i].needs[n];

			predict->dependants[start[need->task + 1]++] =
				(struct dependant){ i, need->at, need->pos };
		}
	return 0;
}

const struct need *need_at(const struct task *task, uint32_t at)
{
	uint32_t low = 0, high = task->nneeds;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (task->needs[middle].at < at)
			low = middle + 1;
		else
			high = middle;
	}
	return low < task->nneeds && task->needs[low].at == at ? &task->needs[low] : NULL;
}

/* --- greatest positions at rest --- */

struct worklist {
	uint32_t *tasks;
	uint32_t count, room;
};

static int lower(struct worklist *list, uint32_t *rest, uint32_t task, uint32_t pos)
{
	if (rest[task] <= pos)
		return 0;
	rest[task] = pos;
	if (!grow(list->tasks, list->count, list->room))
		return -ENOMEM;
	list->tasks[list->count++] = task;
	return 0;
}

/* Whose events need more of @task than is done now has to stay in front of them. */
static int lower_dependants(const struct sg_predict *predict, struct worklist *list,
			    uint32_t *rest, uint32_t task)
{
	for (size_t i = predict->dependant_start[task]; i < predict->dependant_start[task + 1]; i++) {
		const struct dependant *dependant = &predict->dependants[i];

		if (rest[task] < dependant->pos && rest[dependant->task] > dependant->at &&
		    lower(list, rest, dependant->task,
			  quiet_at(&predict->tasks[dependant->task], dependant->at)))
			return -ENOMEM;
	}
	return 0;
}

int model_rest(const struct sg_predict *predict, const uint32_t *tasks, const uint32_t *limit,
	       size_t count, uint32_t *rest)
{
	struct worklist list = {0};
	int err = 0;

	for (size_t i = 0; i < count && !err; i++)
		err = lower(&list, rest, tasks[i], quiet_at(&predict->tasks[tasks[i]], limit[i]));
	while (list.count && !err)
		err = lower_dependants(predict, &list, rest, list.tasks[--list.count]);
	free(list.tasks);
	return err;
}

/* All tasks as far as they came. */
static int rest_at_end(struct sg_predict *predict)
{
	struct worklist list = {0};
	int err = 0;

	predict->rest = calloc(predict->ntasks + 1, sizeof(*predict->rest));
	if (!predict->rest)
		return -ENOMEM;
	for (uint32_t i = 0; i < predict->ntasks; i++)
		predict->rest[i] = quiet_at(&predict->tasks[i], predict->tasks[i].count);
	for (uint32_t i = 0; i < predict->ntasks && !err; i++)
		err = lower_dependants(predict, &list, predict->rest, i);
	while (list.count && !err)
		err = lower_dependants(predict, &list, predict->rest, list.tasks[--list.count]);
	free(list.tasks);
	return err;
}

int model_finish(struct sg_predict *predict)
{
	int err = add_handover_needs(predict);

	for (uint32_t i = 0; i < predict->ntasks && !err; i++) {
		if (predict->tasks[i].hands_over)
			err = recompute_held(predict, i);
		find_quiet(&predict->tasks[i]);
	}
	if (!err)
		err = build_dependants(predict);
	return err ? err : rest_at_end(predict);
}
