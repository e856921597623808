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
 * out, from the very beginning.  Gaps, where sections were left out, are treated
 * alike: passed only when all they take is free, or else at any time.
 */
#include <errno.h>
#include <string.h>

#include "predict_search.h"
#include "slotgate/cleanup.h"

enum { STATES_DEFAULT = 1000000 };

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
	err = search_settle(search, vector(search, 0));
	return err ? err : add_state(search, UINT32_MAX, 0);
}

static bool is_goal(const struct search *search, const uint32_t *pos, uint32_t *by)
{
	const struct goal *goal = search->goal;
	const struct situation situation = {
		search->predict, search->rest, search->tasks, pos, search->count, search->index
	};

	for (size_t i = 0; i < goal->count; i++)
		if (search_pos(search, pos, goal->tasks[i]) != goal->pos[i])
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
		if (pos[i] >= search->bound[search->tasks[i]] || !search_enabled(search, pos, i))
			continue;
		pos[i]++;
		err = search_settle(search, pos);
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
	chain = calloc(length + 1, sizeof(*chain));
	pos = calloc(search->count + 1, sizeof(*pos));
	if (!chain || !pos)
		return -ENOMEM;
	for (uint32_t i = state, n = length; n-- > 0; i = search->states[i].parent)
		chain[n] = i;
	for (uint32_t i = 0; i < search->count; i++)
		pos[i] = search->rest[search->tasks[i]];
	search->log = ret;
	err = search_settle(search, pos);
	for (uint32_t i = 1; i < length && !err; i++) {
		uint32_t mover = search->states[chain[i]].mover;

		err = search_note(search, search->tasks[mover], pos[mover], pos[mover] + 1);
		pos[mover]++;
		if (!err)
			err = search_settle(search, pos);
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

/* What was on the way of a search. */
struct doubts {
	bool tries, gaps;
};

static int search_once(struct sg_predict *predict, const struct goal *goal, enum mode mode,
		       struct path *ret, uint32_t *by, struct doubts *doubts)
{
	sg_cleanup(search_deinit) struct search search = {
		.predict = predict, .goal = goal, .mode = mode,
	};
	int err;

	search.limit = predict->options.states ? predict->options.states : STATES_DEFAULT;
	err = search_prepare(&search);
	*doubts = (struct doubts){ search.tries, search.gaps };
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
	struct doubts doubts;
	int result = search_once(predict, goal, EARLY, ret, by, &doubts);

	if (result == SG_PREDICTED || result < 0 || !(doubts.tries || doubts.gaps))
		return result;
	result = search_once(predict, goal, RELAXED, ret, by, &doubts);
	if (result != SG_PREDICTED)
		return result;
	path_deinit(ret);
	if (!doubts.tries)
		return SG_UNKNOWN;
	result = search_once(predict, goal, STRICT, ret, by, &doubts);
	if (result == SG_REFUTED && (doubts.gaps || lacks_holders(predict)))
		return SG_UNKNOWN;
	return result;
}
