/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * predict_search.h - one search, for the files lib/predict_{scope,step,search}.c
 */
#ifndef LIB_PREDICT_SEARCH_H
#define LIB_PREDICT_SEARCH_H

#include "predict_internal.h"

enum mode {
	EARLY,		/* what is harmless but for failed tries is done at once */
	RELAXED,	/* the same, but tries may fail, and gaps be passed, at any time */
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
	bool tries, gaps;	/* there are failed tries, or gaps, on the way */
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

/* --- predict_scope.c --- */

/** search_prepare - where it begins, which tasks take part, and how far they may go */
int search_prepare(struct search *search);

/* --- predict_step.c --- */

uint32_t search_pos(const struct search *search, const uint32_t *pos, uint32_t task);
/** search_enabled - can the task at @self of @pos do its next event? */
bool search_enabled(const struct search *search, const uint32_t *pos, uint32_t self);
/** search_settle - do all that cannot spoil anything */
int search_settle(struct search *search, uint32_t *pos);
/** search_gap_exact - a gap of one object can be passed when that is free, and only then */
bool search_gap_exact(const struct search *search, uint32_t set);
/** search_note - log a move, if moves are logged */
int search_note(struct search *search, uint32_t task, uint32_t from, uint32_t to);

#endif
