// SPDX-License-Identifier: GPL-2.0-only
/*
 * brute.c - all deadlocks of all interleavings of a small trace
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "brute.h"

enum { STATES_MAX = 1 << 18, NEVER = 255, QUEUE_MAX = BRUTE_TASKS };

struct step {
	enum sg_trace_op op;
	uint8_t object, when;
	uint8_t mate_task, mate;	/* the step that ends what this one acquires, or began it */
};

struct state {
	uint8_t pos[BRUTE_TASKS];
	uint8_t queued[BRUTE_TASKS];	/* waits in the queue of its lock */
	uint8_t queue[BRUTE_OBJECTS][QUEUE_MAX];
	uint8_t length[BRUTE_OBJECTS];
};

struct brute {
	struct step steps[BRUTE_TASKS][BRUTE_EVENTS];
	uint8_t count[BRUTE_TASKS];
	uint8_t forker[BRUTE_TASKS], fork_at[BRUTE_TASKS];
	struct state *states;
	size_t nstates, done;
	uint32_t *seen;
	uint32_t *slots;		/* of states, in @seen */
	struct brute_deadlocks *ret;
};

static bool acquires(enum sg_trace_op op)
{
	return op <= SG_OP_TRY_SHARED;
}

static bool is_shared(enum sg_trace_op op)
{
	return op == SG_OP_ACQUIRE_SHARED || op == SG_OP_TRY_SHARED || op == SG_OP_TRY_SHARED_FAILED;
}

/* --- steps by task, and which acquisition belongs to which release --- */

static bool is_open(const struct brute *brute, unsigned int task, unsigned int at,
		    unsigned int object)
{
	const struct step *step = &brute->steps[task][at];

	return acquires(step->op) && step->object == object && step->mate_task == NEVER;
}

static void tie(struct brute *brute, unsigned int from, unsigned int mate, unsigned int task,
		unsigned int at)
{
	brute->steps[from][mate].mate_task = task;
	brute->steps[from][mate].mate = at;
	brute->steps[task][at].mate_task = from;
	brute->steps[task][at].mate = mate;
}

/* A release ends the task's own last acquisition, else the last one of anybody. */
static void match(struct brute *brute, unsigned int task, unsigned int at)
{
	unsigned int object = brute->steps[task][at].object, from = NEVER, mate = 0, latest = 0;

	for (unsigned int other = 0; other < BRUTE_TASKS; other++)
		for (unsigned int i = 0; i < brute->count[other]; i++) {
			unsigned int when = brute->steps[other][i].when + 1 +
					    (other == task ? BRUTE_EVENTS : 0);

			if (is_open(brute, other, i, object) && when > latest) {
				latest = when;
				from = other;
				mate = i;
			}
		}
	tie(brute, from, mate, task, at);
}

static void load(struct brute *brute, const struct brute_trace *trace)
{
	memset(brute->forker, NEVER, sizeof(brute->forker));
	for (size_t i = 0; i < trace->count; i++) {
		const struct brute_event *event = &trace->events[i];
		unsigned int at = brute->count[event->task]++;

		brute->steps[event->task][at] = (struct step){
			event->op, event->object, i, NEVER, NEVER
		};
		if (event->op == SG_OP_RELEASE)
			match(brute, event->task, at);
		if (event->op == SG_OP_FORK) {
			brute->forker[event->object] = event->task;
			brute->fork_at[event->object] = at;
		}
	}
}

/* --- who holds what --- */

/* The acquisition at @at of @task is in force. */
static bool in_force(const struct brute *brute, const struct state *state, unsigned int task,
		     unsigned int at)
{
	const struct step *step = &brute->steps[task][at];

	if (!acquires(step->op) || state->pos[task] <= at)
		return false;
	return step->mate_task == NEVER || state->pos[step->mate_task] <= step->mate;
}

/* Tasks that have to give @object back before it can be had; as bits, by who releases. */
static unsigned int holders(const struct brute *brute, const struct state *state,
			    unsigned int object, bool shared, int except)
{
	unsigned int found = 0;

	for (unsigned int task = 0; task < BRUTE_TASKS; task++)
		for (unsigned int at = 0; at < state->pos[task]; at++) {
			const struct step *step = &brute->steps[task][at];
			bool handed = step->mate_task != NEVER && step->mate_task != task;

			if (step->object != object || !in_force(brute, state, task, at) ||
			    (shared && is_shared(step->op)) || (int)task == except)
				continue;
			found |= 1u << (handed ? step->mate_task : task);
		}
	return found;
}

/* --- steps --- */

static void dequeue(struct state *state, unsigned int object)
{
	unsigned int task = state->queue[object][0];

	memmove(state->queue[object], state->queue[object] + 1, --state->length[object]);
	state->queue[object][state->length[object]] = 0;
	state->queued[task] = 0;
	state->pos[task]++;
}

/* Whoever is first in the queue and can have the lock gets it. */
static void grant(const struct brute *brute, struct state *state, unsigned int object)
{
	while (state->length[object]) {
		unsigned int task = state->queue[object][0];
		const struct step *step = &brute->steps[task][state->pos[task]];

		if (holders(brute, state, object, is_shared(step->op), -1))
			return;
		dequeue(state, object);
	}
}

static bool signalled(const struct brute *brute, const struct state *state, unsigned int object)
{
	for (unsigned int task = 0; task < BRUTE_TASKS; task++)
		for (unsigned int at = 0; at < state->pos[task]; at++)
			if (brute->steps[task][at].op == SG_OP_SIGNAL &&
			    brute->steps[task][at].object == object)
				return true;
	return false;
}

static bool begun(const struct brute *brute, const struct state *state, unsigned int task)
{
	return brute->forker[task] == NEVER ||
	       state->pos[brute->forker[task]] > brute->fork_at[task];
}

/* Can @task do its step now?  Not for acquiring with waiting, which queues. */
static bool can_do(const struct brute *brute, const struct state *state, unsigned int task)
{
	const struct step *step = &brute->steps[task][state->pos[task]];

	switch (step->op) {
	case SG_OP_TRY:
	case SG_OP_TRY_SHARED:
		return !holders(brute, state, step->object, is_shared(step->op), -1);
	case SG_OP_TRY_FAILED:
	case SG_OP_TRY_SHARED_FAILED:
		return holders(brute, state, step->object, is_shared(step->op), task);
	case SG_OP_DRAIN:
		return !holders(brute, state, step->object, false, task);
	case SG_OP_JOIN:
		return begun(brute, state, step->object) &&
		       state->pos[step->object] == brute->count[step->object];
	case SG_OP_AWAIT:
		return signalled(brute, state, step->object);
	case SG_OP_RELEASE:
		return state->pos[step->mate_task] > step->mate;
	default:
		return true;
	}
}

static void acquire(const struct brute *brute, struct state *state, unsigned int task)
{
	const struct step *step = &brute->steps[task][state->pos[task]];
	unsigned int object = step->object;

	if (!state->length[object] &&
	    !holders(brute, state, object, is_shared(step->op), -1)) {
		state->pos[task]++;
		return;
	}
	state->queue[object][state->length[object]++] = task;
	state->queued[task] = 1;
}

/* One step of @task; false if it cannot do any. */
static bool advance(const struct brute *brute, struct state *state, unsigned int task)
{
	const struct step *step = &brute->steps[task][state->pos[task]];

	if (state->queued[task] || state->pos[task] == brute->count[task] ||
	    !begun(brute, state, task))
		return false;
	if (step->op == SG_OP_ACQUIRE || step->op == SG_OP_ACQUIRE_SHARED) {
		acquire(brute, state, task);
		return true;
	}
	if (!can_do(brute, state, task))
		return false;
	state->pos[task]++;
	if (step->op == SG_OP_RELEASE)
		grant(brute, state, step->object);
	return true;
}

/* --- deadlocks of one state --- */

/* Those ahead of @task in its queue that it has to wait for. */
static unsigned int ahead(const struct brute *brute, const struct state *state, unsigned int task)
{
	const struct step *own = &brute->steps[task][state->pos[task]];
	unsigned int found = 0;

	for (unsigned int i = 0; state->queue[own->object][i] != task; i++) {
		unsigned int other = state->queue[own->object][i];

		if (!is_shared(own->op) ||
		    !is_shared(brute->steps[other][state->pos[other]].op))
			found |= 1u << other;
	}
	return found;
}

static unsigned int signallers(const struct brute *brute, unsigned int object)
{
	unsigned int found = 0;

	for (unsigned int task = 0; task < BRUTE_TASKS; task++)
		for (unsigned int at = 0; at < brute->count[task]; at++)
			if (brute->steps[task][at].op == SG_OP_SIGNAL &&
			    brute->steps[task][at].object == object)
				found |= 1u << task;
	return found;
}

/* Does @task wait for ever if those of @set do? */
static bool is_stuck(const struct brute *brute, const struct state *state, unsigned int task,
		     unsigned int set)
{
	const struct step *step = &brute->steps[task][state->pos[task]];

	if (state->queued[task])
		return set & (holders(brute, state, step->object, is_shared(step->op), -1) |
			      ahead(brute, state, task));
	if (!begun(brute, state, task))
		return set & 1u << brute->forker[task];
	if (state->pos[task] == brute->count[task] || can_do(brute, state, task))
		return false;
	if (step->op == SG_OP_DRAIN)
		return set & holders(brute, state, step->object, false, task);
	if (step->op == SG_OP_JOIN)
		return set & 1u << step->object;
	if (step->op == SG_OP_AWAIT)
		return !(signallers(brute, step->object) & ~set);
	return false;
}

static bool is_closed(const struct brute *brute, const struct state *state, unsigned int set)
{
	for (unsigned int task = 0; task < BRUTE_TASKS; task++)
		if (set & 1u << task && !is_stuck(brute, state, task, set))
			return false;
	return true;
}

static bool is_minimal(const struct brute *brute, const struct state *state, unsigned int set)
{
	for (unsigned int part = (set - 1) & set; part; part = (part - 1) & set)
		if (is_closed(brute, state, part))
			return false;
	return true;
}

static void add_found(struct brute_deadlocks *ret, const char *text)
{
	for (size_t i = 0; i < ret->count; i++)
		if (!strcmp(ret->found[i], text))
			return;
	if (ret->count == BRUTE_FOUND)
		ret->overflow = true;
	else
		snprintf(ret->found[ret->count++], sizeof(*ret->found), "%s", text);
}

static void describe(const struct brute *brute, const struct state *state, unsigned int set)
{
	char text[96];
	size_t used = 0;

	for (unsigned int task = 0; task < BRUTE_TASKS; task++) {
		const struct step *step = &brute->steps[task][state->pos[task]];
		bool waits = begun(brute, state, task);

		if (set & 1u << task)
			used += snprintf(text + used, sizeof(text) - used, "%u %s %u;", task,
					 waits ? sg_trace_op_word(step->op) : "begin",
					 waits ? step->object : brute->forker[task]);
	}
	add_found(brute->ret, text);
}

static void look_at(const struct brute *brute, const struct state *state)
{
	const unsigned int all = (1u << BRUTE_TASKS) - 1;
	unsigned int waiting = 0;

	for (unsigned int task = 0; task < BRUTE_TASKS; task++)
		if (is_stuck(brute, state, task, all))
			waiting |= 1u << task;
	for (unsigned int set = waiting; set; set = (set - 1) & waiting)
		if (is_closed(brute, state, set) && is_minimal(brute, state, set))
			describe(brute, state, set);
}

/* --- all states --- */

static bool is_new(struct brute *brute, const struct state *state)
{
	const unsigned char *bytes = (const unsigned char *)state;
	uint64_t hash = 0;
	size_t slot;

	for (size_t i = 0; i < sizeof(*state); i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3ULL;
	slot = (hash ^ hash >> 32) & (2 * STATES_MAX - 1);
	for (; brute->seen[slot]; slot = (slot + 1) & (2 * STATES_MAX - 1))
		if (!memcmp(&brute->states[brute->seen[slot] - 1], state, sizeof(*state)))
			return false;
	brute->states[brute->nstates] = *state;
	brute->slots[brute->nstates] = slot;
	brute->seen[slot] = ++brute->nstates;
	return true;
}

static void go_through(struct brute *brute)
{
	struct state first = {0};

	is_new(brute, &first);
	while (brute->done < brute->nstates) {
		struct state state = brute->states[brute->done++];

		look_at(brute, &state);
		for (unsigned int task = 0; task < BRUTE_TASKS; task++) {
			struct state next = state;

			if (brute->nstates == STATES_MAX) {
				brute->ret->overflow = true;
				return;
			}
			if (advance(brute, &next, task))
				is_new(brute, &next);
		}
	}
}

void brute_deadlocks(const struct brute_trace *trace, struct brute_deadlocks *ret)
{
	static struct brute brute;

	ret->count = 0;
	ret->overflow = false;
	if (!brute.states) {
		brute.states = calloc(STATES_MAX, sizeof(*brute.states));
		brute.seen = calloc(2 * STATES_MAX, sizeof(*brute.seen));
		brute.slots = calloc(STATES_MAX, sizeof(*brute.slots));
		if (!brute.states || !brute.seen || !brute.slots)
			abort();
	}
	brute = (struct brute){
		.states = brute.states, .seen = brute.seen, .slots = brute.slots, .ret = ret,
	};
	load(&brute, trace);
	go_through(&brute);
	ret->states = brute.nstates;
	for (size_t i = 0; i < brute.nstates; i++)
		brute.seen[brute.slots[i]] = 0;
}
