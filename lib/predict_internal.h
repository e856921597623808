/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * predict_internal.h - what the files lib/predict_*.c share
 *
 * A position in a task is the index of the event that comes next.
 */
#ifndef LIB_PREDICT_INTERNAL_H
#define LIB_PREDICT_INTERNAL_H

#include <stdlib.h>

#include "slotgate/predict.h"
#include "trace_internal.h"

/* Operations that only the predictor knows. */
enum {
	OP_START = SG_OP_COUNT,		/* a task begins, once it was forked */
	OP_HANDED_RELEASE,		/* of what another task acquired */
	OP_GAP,				/* sections were left out here; @object: set of what they took */
};

enum {
	PARTIES_MAX = 16,
	GAP_MAX = 8,			/* objects of a gap that are told apart; */
	GAP_ANY = -1,			/* if there are more it may take any */
};

/* --- predict_held.c: sets of held objects, as numbers --- */

struct held_entry {
	uint32_t object;
	uint16_t exclusive, shared;	/* how often */
};

struct held_set {
	size_t first;			/* in entries */
	uint32_t count;
};

/* Set 0 is the empty one. */
struct held_table {
	struct held_entry *entries;
	size_t nentries, entry_room;
	struct held_set *sets;
	uint32_t nsets, set_room;
	uint32_t *by_content;		/* hash: set + 1 */
	size_t content_slots;
	struct held_move {
		uint32_t from, object, to;
		uint8_t change;		/* 0: none here */
	} *moves;			/* hash: what change leads where */
	size_t nmoves, move_slots;
};

/* Taking and dropping count; adding makes sure that it is in the set. */
enum held_change {
	HELD_TAKE = 1, HELD_TAKE_SHARED, HELD_DROP, HELD_DROP_SHARED, HELD_ADD, HELD_ADD_SHARED,
};

int held_init(struct held_table *table);
void held_deinit(struct held_table *table);
int held_change(struct held_table *table, uint32_t from, uint32_t object,
		enum held_change change, uint32_t *ret);

static inline const struct held_entry *held_entries(const struct held_table *table, uint32_t set,
						    size_t *count)
{
	*count = table->sets[set].count;
	return table->entries + table->sets[set].first;
}

/** held_find - NULL if @object is not in @set */
const struct held_entry *held_find(const struct held_table *table, uint32_t set, uint32_t object);
/** held_conflict - can two tasks not hold both at once? */
bool held_conflict(const struct held_table *table, uint32_t a, uint32_t b);
bool held_within(const struct held_table *table, uint32_t part, uint32_t whole);

/* --- the model: tasks and what is left of their events --- */

/**
 * struct event
 * @held:  before it
 * @quiet: greatest position up to here where nothing is held
 * @extra: OP_HANDED_RELEASE: index of its hand-over; acquiring: is it handed over?
 */
struct event {
	uint64_t hash;			/* of all up to and with this one */
	uint64_t record;
	uint32_t object, held, stack, quiet, extra;
	uint8_t op;
};

/** struct need - the event at @at comes after those of @task before @pos */
struct need {
	uint32_t at, task, pos;
	bool quiet_only;		/* not to happen, but to be at rest */
};

/** struct dependant - reverse of a need: @task's event @at needs @pos of whose list it is */
struct dependant {
	uint32_t task, at, pos;
};

struct frame {
	uint32_t start, epoch, held;
};

struct hold {
	uint32_t object, at, depth;
	bool shared;
};

struct section {
	uint64_t hash;
	uint32_t start, len;		/* len 0: free slot */
};

/**
 * struct task
 * @held:   after the last event
 * @epoch:  sections are compared with those from here on
 * @pinned: what begins before is never left out
 * @failed_at: position behind the last try that failed
 */
struct task {
	char *name;
	size_t file;
	struct event *events;
	uint32_t count, room;
	uint32_t held, epoch, pinned, failed_at;
	struct hold *holds;
	uint32_t nholds, hold_room;
	struct frame *frames;
	uint32_t nframes, frame_room;
	struct section *sections;
	uint32_t nsections, section_slots;
	struct need *needs;		/* ascending */
	uint32_t nneeds, need_room;
	bool hands_over;		/* acquired what another task released */
};

/** struct signal - the first of @task for an object */
struct signal {
	uint32_t task, at;
};

struct object {
	char *name;
	enum sg_object_kind kind;
	size_t last_file;		/* that defined it */
	uint32_t last;			/* task that took it last, */
	uint64_t last_record;		/* and when */
	uint32_t holders, exclusive;
	bool failed;			/* a try failed because of another task */
	bool left_out;			/* in a section that was left out */
	struct signal *signals;
	uint32_t nsignals, signal_room;
	uint32_t *handovers;
	uint32_t nhandovers, handover_room;
};

/** struct handover - acquired at @at by @from, released at @until by @to */
struct handover {
	uint32_t object, from, at, to, until;
	bool shared;
};

struct stack {
	size_t first;
	uint32_t count;
};

struct sg_predict {
	struct task *tasks;
	uint32_t ntasks, task_room;
	struct object *objects;
	uint32_t nobjects, object_room;
	struct handover *handovers;
	uint32_t nhandovers, handover_room;
	struct held_table held;
	struct sg_intern *symbols, *object_names, *stack_texts;
	uint32_t *object_ids;		/* by number in @object_names */
	uint32_t object_id_room;
	uint64_t *file_base;		/* by file: records of those before */
	uint32_t file_room;
	struct stack *stacks;		/* of number 1 and up */
	uint32_t nstacks, stack_room;
	uint32_t *frames;
	uint32_t nframes, stack_frame_room;
	size_t *dependant_start;	/* by task, one more at the end */
	struct dependant *dependants;
	uint32_t *rest;			/* by task: greatest positions at which all are at rest */
	struct sg_finding *findings;
	uint32_t nfindings, finding_room;
	struct sg_predict_options options;
	struct sg_predict_stats stats;
};

/** grow - make room for one more in an array; false without memory */
bool grow_array(void **array, uint32_t count, uint32_t *room, size_t size);
#define grow(array, count, room) grow_array((void **)&(array), count, &(room), sizeof(*(array)))

static inline uint32_t held_at(const struct task *task, uint32_t pos)
{
	return pos < task->count ? task->events[pos].held : task->held;
}

static inline uint32_t quiet_at(const struct task *task, uint32_t pos)
{
	return pos < task->count ? task->events[pos].quiet :
	       !task->held ? task->count : task->count ? task->events[task->count - 1].quiet : 0;
}

/** is_wait - can a task stand at this event for ever? */
static inline bool is_wait(uint8_t op)
{
	return op == SG_OP_ACQUIRE || op == SG_OP_ACQUIRE_SHARED || op == SG_OP_DRAIN ||
	       op == SG_OP_JOIN || op == SG_OP_AWAIT || op == OP_START;
}

static inline bool takes_exclusive(uint8_t op)
{
	return op == SG_OP_ACQUIRE || op == SG_OP_TRY;
}

static inline bool takes_shared(uint8_t op)
{
	return op == SG_OP_ACQUIRE_SHARED || op == SG_OP_TRY_SHARED;
}

/** need_at - the need of the event at @at, NULL if it has none */
const struct need *need_at(const struct task *task, uint32_t at);

/* --- predict_section.c: what a task does again is left out --- */

int section_append(struct sg_predict *predict, struct task *task, uint8_t op, uint32_t object,
		   uint32_t stack, uint64_t number);
/** section_pin - what follows sets others going: nothing before it can be left out, or stand for it */
void section_pin(struct task *task);
/** section_close - the events from @start to the last one are a section */
int section_close(struct sg_predict *predict, struct task *task, uint32_t start);

/* --- predict_reduce.c: one event after the other --- */

int reduce_event(struct sg_predict *predict, const struct sg_trace_record *record, uint64_t number);

/* --- predict_model.c: what the search needs to know beforehand --- */

int model_finish(struct sg_predict *predict);
/** model_rest - greatest positions, at most @limit for @tasks, at which all are at rest; into @rest */
int model_rest(const struct sg_predict *predict, const uint32_t *tasks, const uint32_t *limit,
	       size_t count, uint32_t *rest);

/* --- predict_stuck.c: who waits for whom --- */

/**
 * struct situation - positions of all tasks
 *
 * Those of @tasks are at @pos, all others at @rest, holding nothing.
 */
struct situation {
	const struct sg_predict *predict;
	const uint32_t *rest;
	const uint32_t *tasks;
	const uint32_t *pos;
	size_t count;
	const uint32_t *index;		/* by task: its index in @tasks + 1, or 0 */
};

uint32_t situation_pos(const struct situation *situation, uint32_t task);

/**
 * stuck_among - those of @parties that none but others of them could let go
 * @by: NULL, or [i][j]: i waits for j, for those that are stuck
 *
 * Bit i of the result: parties[i] is stuck.
 */
uint32_t stuck_among(const struct situation *situation, const uint32_t *parties, size_t count,
		     uint32_t among, uint32_t *by);
/** stuck_minimal - all of @parties are stuck, and no fewer of them */
bool stuck_minimal(const struct situation *situation, const uint32_t *parties, size_t count);

/* --- predict_search.c: is there a schedule? --- */

struct goal {
	uint32_t tasks[PARTIES_MAX];
	uint32_t pos[PARTIES_MAX];
	size_t count;
};

/** struct move - @task goes from @from to @to */
struct move {
	uint32_t task, from, to;
};

struct path {
	uint32_t *rest;			/* by task, where it begins */
	struct move *moves;
	uint32_t nmoves, move_room;
};

/** search_goal - SG_PREDICTED with @ret, another verdict, or a negative errno */
int search_goal(struct sg_predict *predict, const struct goal *goal, struct path *ret,
		uint32_t by[PARTIES_MAX]);
void path_deinit(struct path *path);

/* --- predict_nodes.c: waits that can be part of a deadlock --- */

/**
 * struct node - a task waits for something, holding something
 * @first, @count: its places (positions in the task)
 */
struct node {
	uint32_t task, object, held;
	uint8_t op;
	uint32_t component;
	size_t first;
	uint32_t count;
};

/** struct list - indices of nodes, by some number */
struct list {
	size_t *start;
	uint32_t *items;
};

struct nodes {
	struct node *items;
	uint32_t count;
	uint32_t *places;
	struct list holding;		/* by object */
	struct list writing;		/* by object: who wants it alone */
	struct list of_task;
};

int nodes_build(struct sg_predict *predict, struct nodes *ret);
void nodes_deinit(struct nodes *nodes);

/* --- predict_prune.c: some of them cannot be after all --- */

int nodes_prune(const struct sg_predict *predict, struct nodes *nodes);

/* --- predict_pattern.c: sets of nodes that wait for each other --- */

/** patterns_each - call @found with each set; stops when that returns an error */
int patterns_each(struct sg_predict *predict, const struct nodes *nodes,
		  int (*found)(void *data, const uint32_t *nodes, size_t count), void *data);

#endif
