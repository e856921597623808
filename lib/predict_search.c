// SPDX-License-Identifier: GPL-2.0-only
/*
 * predict_search.c - is there a schedule that brings tasks to given positions?
 *
 * The search begins where all tasks are at rest, as far on as can be without
 * passing the goal, and goes over the vectors of positions of those tasks that
 * matter.  What cannot spoil anything is done at once: giving something back,
 * passing a wait that is over, and stretches after which a task holds no more
 * than at any time in between.  Only the rest is tried out.
 *
 * A try that failed must fail again.  That can be spoilt by being early.  So
 * where one is on the way and nothing was found, the search is done again as if
 * tries could fail at any time; if that finds something, all of it is tried
 * out, from the very beginning.
 */
#include <errno.h>
#include <string.h>

#include "predict_internal.h"
#include "slotgate/cleanup.h"

enum { STATES_DEFAULT = 1000000, STRETCH_MAX = 4096 };

enum mode {
	EARLY,		/* what is harmless but for failed tries is done at once */
	RELAXED,	/* the same, and tries may fail at any time */
	STRICT,		/* everything is tried out */
};

struct state {
	uint32_t parent;	/* UINT32_MAX: the first */
	uint32_t mover;
};

struct search {
	struct sg_predict *predict;
	const struct goal *goal;
	enum mode mode;
	bool tries;		/* there are failed tries on the way */
	uint32_t *rest, *bound;	/* by task */
	uint32_t *index;	/* by task: its place in a vector + 1 */
	uint32_t *tasks, count, task_room;
	uint32_t *vectors;	/* of all states */
	struct state *states;
	uint32_t nstates, state_room, limit;
	size_t vector_room;
	uint32_t *seen;		/* hash: state + 1 */
	size_t slots;
	uint32_t *open, nopen, open_room;
	struct path *log;	/* moves are noted here if not NULL */
};

static void search_deinit(struct search *search)
{
	free(search->rest);
	free(search->bound);
	free(search->index);
	free(search->tasks);
	free(search->vectors);
	free(search->states);
	free(search->seen);
	free(search->open);
}

void path_deinit(struct path *path)
{
	free(path->rest);
	free(path->moves);
	*path = (struct path){0};
}

/* --- which tasks matter, and how far they may have to go --- */

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

/* --- what can happen next --- */

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

static uint32_t pos_of(const struct search *search, const uint32_t *pos, uint32_t task)
{
	return search->index[task] ? pos[search->index[task] - 1] : search->rest[task];
}

static bool signalled(const struct search *search, const uint32_t *pos, uint32_t id)
{
	const struct object *object = &search->predict->objects[id];

	for (uint32_t i = 0; i < object->nsignals; i++)
		if (pos_of(search, pos, object->signals[i].task) > object->signals[i].at)
			return true;
	return false;
}

static bool needs_met(const struct search *search, const uint32_t *pos, uint32_t self)
{
	const struct need *need = need_at(&search->predict->tasks[search->tasks[self]], pos[self]);

	return pos_of(search, pos, need->task) >= need->pos;
}

/* Can the task at @self do its next event? */
static bool enabled(const struct search *search, const uint32_t *pos, uint32_t self)
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
		if (!enabled(search, pos, self))
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

static int note(struct search *search, uint32_t task, uint32_t from, uint32_t to)
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
			to += enabled(search, pos, self);
		else if (search->mode != STRICT)
			to = stretch(search, pos, self);
		if (to == pos[self])
			break;
		pos[self] = to;
	}
	if (pos[self] == from)
		return 0;
	*moved = true;
	return note(search, id, from, pos[self]);
}

/* Do all that cannot spoil anything. */
static int settle(struct search *search, uint32_t *pos)
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

/* --- states --- */

static uint32_t *vector(const struct search *search, uint32_t state)
{
	return search->vectors + (size_t)state * search->count;
}

static uint32_t *find_state(const struct search *search, const uint32_t *pos)
{
	uint64_t hash = 0;
	size_t slot;

	for (uint32_t i = 0; i < search->count; i++)
		hash = (hash ^ pos[i]) * 0x9e3779b97f4a7c15ULL, hash ^= hash >> 32;
	slot = hash & (search->slots - 1);
	while (search->seen[slot] &&
	       memcmp(vector(search, search->seen[slot] - 1), pos, search->count * sizeof(*pos)))
		slot = (slot + 1) & (search->slots - 1);
	return &search->seen[slot];
}

static int grow_seen(struct search *search)
{
	size_t slots = search->slots ? 2 * search->slots : 64;
	uint32_t *seen = calloc(slots, sizeof(*seen));

	if (!seen)
		return -ENOMEM;
	free(search->seen);
	search->seen = seen;
	search->slots = slots;
	for (uint32_t i = 0; i < search->nstates; i++)
		*find_state(search, vector(search, i)) = i + 1;
	return 0;
}

static int grow_vectors(struct search *search)
{
	size_t need = ((size_t)search->nstates + 2) * search->count;
	uint32_t *vectors;

	if (need <= search->vector_room)
		return 0;
	vectors = reallocarray(search->vectors, 2 * need, sizeof(*vectors));
	if (!vectors)
		return -ENOMEM;
	search->vectors = vectors;
	search->vector_room = 2 * need;
	return 0;
}

/* The vector behind the last state becomes one, unless it is known. */
static int add_state(struct search *search, uint32_t parent, uint32_t mover)
{
	uint32_t *pos = vector(search, search->nstates), *slot;

	if (2 * ((size_t)search->nstates + 1) > search->slots && grow_seen(search))
		return -ENOMEM;
	slot = find_state(search, pos);
	if (*slot)
		return 0;
	if (!grow(search->states, search->nstates, search->state_room) ||
	    !grow(search->open, search->nopen, search->open_room))
		return -ENOMEM;
	search->states[search->nstates] = (struct state){ parent, mover };
	search->open[search->nopen++] = search->nstates++;
	*slot = search->nstates;
	return grow_vectors(search);
}

static int first_state(struct search *search)
{
	int err = grow_vectors(search);

	if (err)
		return err;
	for (uint32_t i = 0; i < search->count; i++)
		vector(search, 0)[i] = search->rest[search->tasks[i]];
	err = settle(search, vector(search, 0));
	return err ? err : add_state(search, UINT32_MAX, 0);
}

static bool is_goal(const struct search *search, const uint32_t *pos, uint32_t *by)
{
	const struct goal *goal = search->goal;
	const struct situation situation = {
		search->predict, search->rest, search->tasks, pos, search->count, search->index
	};

	for (size_t i = 0; i < goal->count; i++)
		if (pos_of(search, pos, goal->tasks[i]) != goal->pos[i])
			return false;
	if (!stuck_minimal(&situation, goal->tasks, goal->count))
		return false;
	stuck_among(&situation, goal->tasks, goal->count, (1u << goal->count) - 1, by);
	return true;
}

static int try_moves(struct search *search, uint32_t state)
{
	int err = 0;

	for (uint32_t i = 0; i < search->count && !err; i++) {
		uint32_t *pos = vector(search, search->nstates);

		memcpy(pos, vector(search, state), search->count * sizeof(*pos));
		if (pos[i] >= search->bound[search->tasks[i]] || !enabled(search, pos, i))
			continue;
		pos[i]++;
		err = settle(search, pos);
		if (!err)
			err = add_state(search, state, i);
	}
	return err;
}

/* The moves that led to @state, noted by doing them again. */
static int note_path(struct search *search, uint32_t state, struct path *ret)
{
	sg_autofree uint32_t *chain = NULL, *pos = NULL;
	uint32_t length = 0;
	int err;

	for (uint32_t i = state; i != UINT32_MAX; i = search->states[i].parent)
		length++;
	chain = calloc(length, sizeof(*chain));
	pos = calloc(search->count + 1, sizeof(*pos));
	if (!chain || !pos)
		return -ENOMEM;
	for (uint32_t i = state, n = length; n-- > 0; i = search->states[i].parent)
		chain[n] = i;
	for (uint32_t i = 0; i < search->count; i++)
		pos[i] = search->rest[search->tasks[i]];
	search->log = ret;
	err = settle(search, pos);
	for (uint32_t i = 1; i < length && !err; i++) {
		uint32_t mover = search->states[chain[i]].mover;

		err = note(search, search->tasks[mover], pos[mover], pos[mover] + 1);
		pos[mover]++;
		if (!err)
			err = settle(search, pos);
	}
	search->log = NULL;
	ret->rest = sg_steal(search->rest);
	return err;
}

static int explore(struct search *search, struct path *ret, uint32_t *by)
{
	int err = first_state(search);

	while (!err && search->nopen) {
		uint32_t state = search->open[--search->nopen];

		search->predict->stats.states++;
		if (is_goal(search, vector(search, state), by)) {
			err = note_path(search, state, ret);
			return err ? err : SG_PREDICTED;
		}
		if (search->nstates >= search->limit)
			return SG_UNKNOWN;
		err = try_moves(search, state);
	}
	return err ? err : SG_REFUTED;
}

static int prepare(struct search *search)
{
	struct sg_predict *predict = search->predict;
	size_t size = predict->ntasks + 1;
	int err;

	search->limit = predict->options.states ? predict->options.states : STATES_DEFAULT;
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

static int search_once(struct sg_predict *predict, const struct goal *goal, enum mode mode,
		       struct path *ret, uint32_t *by, bool *tries)
{
	sg_cleanup(search_deinit) struct search search = {
		.predict = predict, .goal = goal, .mode = mode,
	};
	int err = prepare(&search);

	*tries = search.tries;
	return err ? err : explore(&search, ret, by);
}

/* Sections that were left out could have made tries fail. */
static bool lacks_holders(const struct sg_predict *predict)
{
	for (uint32_t i = 0; i < predict->nobjects; i++)
		if (predict->objects[i].failed && predict->objects[i].left_out)
			return true;
	return false;
}

int search_goal(struct sg_predict *predict, const struct goal *goal, struct path *ret,
		uint32_t by[PARTIES_MAX])
{
	bool tries;
	int result = search_once(predict, goal, EARLY, ret, by, &tries);

	if (result == SG_PREDICTED || result < 0 || !tries)
		return result;
	result = search_once(predict, goal, RELAXED, ret, by, &tries);
	if (result != SG_PREDICTED)
		return result;
	path_deinit(ret);
	result = search_once(predict, goal, STRICT, ret, by, &tries);
	return result == SG_REFUTED && lacks_holders(predict) ? SG_UNKNOWN : result;
}
