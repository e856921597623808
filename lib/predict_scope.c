// SPDX-License-Identifier: GPL-2.0-only
/*
 * predict_scope.c - where a search begins, which tasks take part, and how far they may go
 *
 * Those of the goal take part, and whoever has to do something first so that
 * they can get there.  The latter go on to where they hold nothing: nobody
 * needs more of them.
 */
#include <errno.h>
#include <string.h>

#include "predict_search.h"

static uint32_t next_quiet(const struct task *task, uint32_t pos)
{
	while (pos < task->count && task->events[pos].held)
		pos++;
	return pos;
}

/* @task takes part, up to @pos and then on to where it holds nothing. */
static int raise_bound(struct search *search, uint32_t task, uint32_t pos, bool exactly)
{
	uint32_t bound = exactly ? pos : next_quiet(&search->predict->tasks[task], pos);

	for (size_t i = 0; i < search->goal->count && !exactly; i++)
		if (search->goal->tasks[i] == task)
			return 0;
	if (search->index[task] ? search->bound[task] >= bound : !exactly &&
	    search->rest[task] >= bound)
		return 0;
	search->bound[task] = bound;
	if (!search->index[task]) {
		if (!grow(search->tasks, search->count, search->task_room))
			return -ENOMEM;
		search->tasks[search->count++] = task;
		search->index[task] = search->count;
	}
	return grow(search->open, search->nopen, search->open_room) ?
	       (search->open[search->nopen++] = task, 0) : -ENOMEM;
}

static int raise_signals(struct search *search, const struct object *object)
{
	int err = 0;

	for (uint32_t i = 0; i < object->nsignals && !err; i++)
		err = raise_bound(search, object->signals[i].task, object->signals[i].at + 1, false);
	return err;
}

/* Everything that the events of @id between rest and bound need. */
static int raise_needs(struct search *search, uint32_t id)
{
	const struct task *task = &search->predict->tasks[id];
	int err = 0;

	for (uint32_t at = search->rest[id]; at < search->bound[id]; at++)
		search->gaps |= task->events[at].op == OP_GAP &&
				!search_gap_exact(search, task->events[at].object);
	for (uint32_t i = 0; i < task->nneeds && !err; i++) {
		const struct need *need = &task->needs[i];
		const struct event *event = &task->events[need->at];

		if (need->at < search->rest[id] || need->at >= search->bound[id])
			continue;
		search->tries |= event->op == SG_OP_TRY_FAILED ||
				 event->op == SG_OP_TRY_SHARED_FAILED;
		if (event->op == SG_OP_AWAIT)
			err = raise_signals(search, &search->predict->objects[event->object]);
		else
			err = raise_bound(search, need->task, need->pos, false);
	}
	return err;
}

/* A goal may wait for what one task acquired and another of the goal is to release. */
static int raise_handovers(struct search *search, uint32_t id, uint32_t pos)
{
	const struct sg_predict *predict = search->predict;
	const struct event *event = &predict->tasks[id].events[pos];
	int err = 0;

	if (event->op == SG_OP_JOIN || event->op == OP_START)
		return 0;
	for (uint32_t i = 0; i < predict->objects[event->object].nhandovers && !err; i++) {
		const struct handover *handover =
			&predict->handovers[predict->objects[event->object].handovers[i]];

		err = raise_bound(search, handover->from, handover->at + 1, false);
	}
	return err;
}

static int choose_tasks(struct search *search)
{
	const struct goal *goal = search->goal;
	int err = 0;

	for (size_t i = 0; i < goal->count && !err; i++)
		err = raise_bound(search, goal->tasks[i], goal->pos[i], true);
	for (size_t i = 0; i < goal->count && !err; i++)
		err = raise_handovers(search, goal->tasks[i], goal->pos[i]);
	for (uint32_t i = 0; i < search->predict->ntasks && search->mode == STRICT && !err; i++)
		err = raise_bound(search, i, search->predict->tasks[i].count, false);
	while (search->nopen && !err)
		err = raise_needs(search, search->open[--search->nopen]);
	return err;
}

int search_prepare(struct search *search)
{
	struct sg_predict *predict = search->predict;
	size_t size = predict->ntasks + 1;
	int err;

	search->rest = calloc(size, sizeof(*search->rest));
	search->bound = calloc(size, sizeof(*search->bound));
	search->index = calloc(size, sizeof(*search->index));
	if (!search->rest || !search->bound || !search->index)
		return -ENOMEM;
	if (search->mode != STRICT) {
		memcpy(search->rest, predict->rest, predict->ntasks * sizeof(*search->rest));
		err = model_rest(predict, search->goal->tasks, search->goal->pos,
				 search->goal->count, search->rest);
		if (err)
			return err;
	}
	return choose_tasks(search);
}
