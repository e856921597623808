// SPDX-License-Identifier: GPL-2.0-only
/*
 * predict_stuck.c - who waits for whom
 *
 * A lock has to be given back by everybody who is in the way: one of them that
 * cannot is enough to be stuck.  A completion needs only one of those who can
 * complete it: all of them have to be stuck.
 */
#include "predict_internal.h"

uint32_t situation_pos(const struct situation *situation, uint32_t task)
{
	uint32_t index = situation->index[task];

	return index ? situation->pos[index - 1] : situation->rest[task];
}

static const struct event *event_of(const struct situation *situation, uint32_t task)
{
	const struct task *owner = &situation->predict->tasks[task];
	uint32_t pos = situation_pos(situation, task);

	return pos < owner->count ? &owner->events[pos] : NULL;
}

static bool holds(const struct situation *situation, uint32_t task, uint32_t object,
		  bool exclusively)
{
	const struct sg_predict *predict = situation->predict;
	uint32_t held = held_at(&predict->tasks[task], situation_pos(situation, task));
	const struct held_entry *entry = held_find(&predict->held, held, object);

	return entry && (!exclusively || entry->exclusive);
}

static bool queues(const struct situation *situation, uint32_t task, uint32_t object)
{
	const struct event *event = event_of(situation, task);

	return event && event->op == SG_OP_ACQUIRE && event->object == object;
}

static uint32_t party(const uint32_t *parties, size_t count, uint32_t among, uint32_t task)
{
	for (size_t i = 0; i < count; i++)
		if (parties[i] == task)
			return among & 1u << i;
	return 0;
}

/* Those who are to give back what another task acquired. */
static uint32_t handover_blockers(const struct situation *situation, const uint32_t *parties,
				  size_t count, uint32_t among, size_t self)
{
	const struct event *event = event_of(situation, parties[self]);
	const struct sg_predict *predict = situation->predict;
	const struct object *object = &predict->objects[event->object];
	uint32_t blockers = 0;

	for (uint32_t i = 0; i < object->nhandovers; i++) {
		const struct handover *handover = &predict->handovers[object->handovers[i]];

		/* A drain is for what others have. */
		if (event->op == SG_OP_DRAIN && handover->from == parties[self])
			continue;
		if ((event->op != SG_OP_ACQUIRE_SHARED || !handover->shared) &&
		    situation_pos(situation, handover->from) > handover->at &&
		    situation_pos(situation, handover->to) <= handover->until)
			blockers |= party(parties, count, among, handover->to);
	}
	return blockers;
}

static uint32_t lock_blockers(const struct situation *situation, const uint32_t *parties,
			      size_t count, uint32_t among, size_t self)
{
	const struct event *event = event_of(situation, parties[self]);
	bool shared = event->op == SG_OP_ACQUIRE_SHARED;
	uint32_t blockers = handover_blockers(situation, parties, count, among, self);

	for (size_t i = 0; i < count; i++)
		if (i != self && among & 1u << i &&
		    (holds(situation, parties[i], event->object, shared) ||
		     (shared && queues(situation, parties[i], event->object))))
			blockers |= 1u << i;
	return blockers;
}

/* JOIN and START: one task has to come to some position. */
static uint32_t task_blockers(const struct situation *situation, const uint32_t *parties,
			      size_t count, uint32_t among, size_t self)
{
	uint32_t pos = situation_pos(situation, parties[self]);
	const struct need *need = need_at(&situation->predict->tasks[parties[self]], pos);

	if (situation_pos(situation, need->task) >= need->pos)
		return 0;
	return party(parties, count, among, need->task);
}

static uint32_t signal_blockers(const struct situation *situation, const uint32_t *parties,
				size_t count, uint32_t among, uint32_t id)
{
	const struct object *object = &situation->predict->objects[id];
	uint32_t blockers = 0;

	for (uint32_t i = 0; i < object->nsignals; i++) {
		uint32_t one = party(parties, count, among, object->signals[i].task);

		if (!one || situation_pos(situation, object->signals[i].task) > object->signals[i].at)
			return 0;
		blockers |= one;
	}
	return blockers;
}

static uint32_t blockers_of(const struct situation *situation, const uint32_t *parties,
			    size_t count, uint32_t among, size_t self)
{
	const struct event *event = event_of(situation, parties[self]);

	if (!event || !is_wait(event->op))
		return 0;
	if (event->op == SG_OP_AWAIT)
		return signal_blockers(situation, parties, count, among, event->object);
	if (event->op == SG_OP_JOIN || event->op == OP_START)
		return task_blockers(situation, parties, count, among, self);
	return lock_blockers(situation, parties, count, among, self);
}

uint32_t stuck_among(const struct situation *situation, const uint32_t *parties, size_t count,
		     uint32_t among, uint32_t *by)
{
	uint32_t before;

	do {
		before = among;
		for (size_t i = 0; i < count; i++) {
			uint32_t blockers;

			if (!(among & 1u << i))
				continue;
			blockers = blockers_of(situation, parties, count, among, i);
			if (by)
				by[i] = blockers;
			if (!blockers)
				among &= ~(1u << i);
		}
	} while (among != before);
	return among;
}

bool stuck_minimal(const struct situation *situation, const uint32_t *parties, size_t count)
{
	uint32_t all = (1u << count) - 1;

	if (stuck_among(situation, parties, count, all, NULL) != all)
		return false;
	for (size_t i = 0; i < count; i++)
		if (stuck_among(situation, parties, count, all & ~(1u << i), NULL))
			return false;
	return true;
}
