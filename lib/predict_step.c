// SPDX-License-Identifier: GPL-2.0-only
/*
 * predict_step.c - what can happen next in a search, and what may as well happen at once
 */
#include <errno.h>

#include "predict_search.h"

enum { STRETCH_MAX = 4096 };

uint32_t search_pos(const struct search *search, const uint32_t *pos, uint32_t task)
{
	return search->index[task] ? pos[search->index[task] - 1] : search->rest[task];
}

/* @own: what this task acquired and another one is to release counts as well. */
static bool lock_free(const struct search *search, const uint32_t *pos, uint32_t self,
		      uint32_t object, bool shared, bool own)
{
	const struct sg_predict *predict = search->predict;
	const struct situation situation = {
		predict, search->rest, search->tasks, pos, search->count, search->index
	};
	const struct object *lock = &predict->objects[object];

	for (uint32_t i = 0; i < search->count; i++) {
		uint32_t held = held_at(&predict->tasks[search->tasks[i]], pos[i]);
		const struct held_entry *entry;

		if (i == self || !held)
			continue;
		entry = held_find(&predict->held, held, object);
		if (entry && (!shared || entry->exclusive))
			return false;
	}
	for (uint32_t i = 0; i < lock->nhandovers; i++) {
		const struct handover *handover = &predict->handovers[lock->handovers[i]];

		if ((!shared || !handover->shared) &&
		    (own || handover->from != search->tasks[self]) &&
		    situation_pos(&situation, handover->from) > handover->at &&
		    situation_pos(&situation, handover->to) <= handover->until)
			return false;
	}
	return true;
}

static bool signalled(const struct search *search, const uint32_t *pos, uint32_t id)
{
	const struct object *object = &search->predict->objects[id];

	for (uint32_t i = 0; i < object->nsignals; i++)
		if (search_pos(search, pos, object->signals[i].task) > object->signals[i].at)
			return true;
	return false;
}

static bool needs_met(const struct search *search, const uint32_t *pos, uint32_t self)
{
	const struct need *need = need_at(&search->predict->tasks[search->tasks[self]], pos[self]);

	return search_pos(search, pos, need->task) >= need->pos;
}

/* Does no other task hold anything at all? */
static bool all_free(const struct search *search, const uint32_t *pos, uint32_t self)
{
	const struct sg_predict *predict = search->predict;

	for (uint32_t i = 0; i < search->count; i++)
		if (i != self && held_at(&predict->tasks[search->tasks[i]], pos[i]))
			return false;
	for (uint32_t i = 0; i < predict->nhandovers; i++)
		if (predict->handovers[i].from != search->tasks[self] &&
		    search_pos(search, pos, predict->handovers[i].from) > predict->handovers[i].at &&
		    search_pos(search, pos, predict->handovers[i].to) <= predict->handovers[i].until)
			return false;
	return true;
}

bool search_gap_exact(const struct search *search, uint32_t set)
{
	return set != (uint32_t)GAP_ANY && search->predict->held.sets[set].count <= 1;
}

/*
 * Can all that was left out be passed at once?  What the task acquired itself is
 * not in the way: the first copy of the section had to get past it.
 */
static bool gap_free(const struct search *search, const uint32_t *pos, uint32_t self, uint32_t set)
{
	const struct held_entry *taken;
	size_t count;

	if (set == (uint32_t)GAP_ANY)
		return all_free(search, pos, self);
	taken = held_entries(&search->predict->held, set, &count);
	for (size_t i = 0; i < count; i++)
		if (!lock_free(search, pos, self, taken[i].object, !taken[i].exclusive, false))
			return false;
	return true;
}

bool search_enabled(const struct search *search, const uint32_t *pos, uint32_t self)
{
	const struct event *event =
		&search->predict->tasks[search->tasks[self]].events[pos[self]];

	switch (event->op) {
	case SG_OP_ACQUIRE:
	case SG_OP_TRY:
		return lock_free(search, pos, self, event->object, false, true);
	case SG_OP_ACQUIRE_SHARED:
	case SG_OP_TRY_SHARED:
		return lock_free(search, pos, self, event->object, true, true);
	case SG_OP_DRAIN:
		return lock_free(search, pos, self, event->object, false, false);
	case SG_OP_TRY_FAILED:
		return search->mode == RELAXED ||
		       !lock_free(search, pos, self, event->object, false, false);
	case SG_OP_TRY_SHARED_FAILED:
		return search->mode == RELAXED ||
		       !lock_free(search, pos, self, event->object, true, false);
	case OP_GAP:
		return (search->mode == RELAXED && !search_gap_exact(search, event->object)) ||
		       gap_free(search, pos, self, event->object);
	case SG_OP_AWAIT:
		return signalled(search, pos, event->object);
	case SG_OP_JOIN:
	case OP_START:
	case OP_HANDED_RELEASE:
		return needs_met(search, pos, self);
	default:	/* RELEASE, FORK, SIGNAL */
		return true;
	}
}

/* Can doing it only help? */
static bool is_harmless(const struct search *search, uint8_t op)
{
	if (takes_exclusive(op) || takes_shared(op))
		return false;
	return search->mode != STRICT || (op != SG_OP_RELEASE && op != OP_HANDED_RELEASE);
}

/*
 * How far the task at @self can go alone, to a place where it holds no more
 * than anywhere on the way; or where it stands.
 */
static uint32_t stretch(const struct search *search, uint32_t *pos, uint32_t self)
{
	const struct task *task = &search->predict->tasks[search->tasks[self]];
	const struct held_table *held = &search->predict->held;
	uint32_t start = pos[self], bound = search->bound[search->tasks[self]], ret = start;

	while (pos[self] < bound && pos[self] - start < STRETCH_MAX && ret == start) {
		uint32_t at = start, now;

		if (task->events[pos[self]].extra && task->events[pos[self]].op != OP_HANDED_RELEASE)
			break;		/* stays held, whatever this task does */
		if (!search_enabled(search, pos, self))
			break;
		now = held_at(task, ++pos[self]);
		while (at < pos[self] && held_within(held, now, held_at(task, at)))
			at++;
		if (at == pos[self])
			ret = pos[self];
	}
	pos[self] = start;
	return ret;
}

int search_note(struct search *search, uint32_t task, uint32_t from, uint32_t to)
{
	struct path *log = search->log;
	struct move *last;

	if (!log)
		return 0;
	last = log->nmoves ? &log->moves[log->nmoves - 1] : NULL;
	if (last && last->task == task) {
		last->to = to;
		return 0;
	}
	if (!grow(log->moves, log->nmoves, log->move_room))
		return -ENOMEM;
	log->moves[log->nmoves++] = (struct move){ task, from, to };
	return 0;
}

static int advance_one(struct search *search, uint32_t *pos, uint32_t self, bool *moved)
{
	uint32_t id = search->tasks[self], from = pos[self];
	const struct task *task = &search->predict->tasks[id];

	while (pos[self] < search->bound[id]) {
		uint32_t to = pos[self];

		if (is_harmless(search, task->events[to].op))
			to += search_enabled(search, pos, self);
		else if (search->mode != STRICT)
			to = stretch(search, pos, self);
		if (to == pos[self])
			break;
		pos[self] = to;
	}
	if (pos[self] == from)
		return 0;
	*moved = true;
	return search_note(search, id, from, pos[self]);
}

int search_settle(struct search *search, uint32_t *pos)
{
	bool moved = true;
	int err = 0;

	while (moved && !err) {
		moved = false;
		for (uint32_t i = 0; i < search->count && !err; i++)
			err = advance_one(search, pos, i, &moved);
	}
	return err;
}
