/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * predict.h - which tasks of recorded runs could have deadlocked
 *
 * docs/PREDICT.md says what that means and why the answers can be relied on.
 * Errors are negative errno values throughout.
 */
#ifndef SLOTGATE_PREDICT_H
#define SLOTGATE_PREDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "slotgate/error.h"
#include "slotgate/trace.h"

enum sg_finding_verdict {
	SG_PREDICTED,		/* a schedule leads there; it is in the finding */
	SG_REFUTED,		/* no schedule does */
	SG_UNKNOWN,		/* the search was ended before it could tell */
};

/** struct sg_hold - what a task has while it waits */
struct sg_hold {
	uint32_t object;
	bool shared;
	uint32_t stack;
	uint64_t record;
};

/**
 * struct sg_party - one task of a deadlock
 * @op, @object: what it waits for; for SG_OP_FORK, that task @object lets it begin
 * @holds: innermost last
 * @by: indices of those parties that it waits for
 */
struct sg_party {
	uint32_t task;
	enum sg_trace_op op;
	uint32_t object;
	uint32_t stack;
	uint64_t record;
	struct sg_hold *holds;
	size_t nholds;
	size_t *by;
	size_t nby;
};

/**
 * struct sg_step - @task runs on from where it was
 * @first, @last: records that it gets done
 * @whole: all it did from the beginning, in the recorded order
 */
struct sg_step {
	uint32_t task;
	uint64_t first, last;
	bool whole;
};

struct sg_finding {
	enum sg_finding_verdict verdict;
	struct sg_party *parties;
	size_t nparties;
	struct sg_step *steps;
	size_t nsteps;
};

/**
 * struct sg_predict_options - zeros are the defaults
 * @states:   of one pattern's search, at most
 * @patterns: steps of the search for patterns, at most
 * @parties:  tasks of a deadlock, at most
 * @go_on:    asked now and then; sg_predict_run() ends with -EINTR when it says no
 */
struct sg_predict_options {
	size_t states;
	size_t patterns;
	size_t parties;
	bool (*go_on)(void *data, size_t patterns);
	void *data;
};

/**
 * struct sg_predict_stats - what was read, and what is left of it
 * @contradictions: events that cannot have happened, such as a mutex held twice
 * @unmatched:      releases of what nobody held: it was taken before the trace began
 * @capped:         the search for patterns was ended; there may be more
 * @complete_to:    with @capped, all patterns of up to so many tasks were looked at
 */
struct sg_predict_stats {
	uint64_t records, events, kept, lost, contradictions, unmatched;
	size_t files, cut_short, tasks, objects, contexts, patterns;
	uint64_t states;
	bool capped;
	size_t complete_to;
};

struct sg_predict;

struct sg_predict *sg_predict_create(void);
void sg_predict_destroy(struct sg_predict *predict);

/**
 * sg_predict_add - take one trace in
 * @progress: called now and then; stops with -EINTR when it returns false; may be NULL
 *
 * Objects of the same kind and name are one and the same in all files, tasks are not.
 */
int sg_predict_add(struct sg_predict *predict, struct sg_trace_reader *reader,
		   bool (*progress)(void *data, uint64_t events), void *data,
		   struct sg_error *err);

/** sg_predict_run - look for deadlocks in what was added; to be called once */
int sg_predict_run(struct sg_predict *predict, const struct sg_predict_options *options,
		   struct sg_error *err);

const struct sg_finding *sg_predict_findings(const struct sg_predict *predict, size_t *count);
const struct sg_predict_stats *sg_predict_stats(const struct sg_predict *predict);

/* What ids stand for.  File and record are counted from 0 and 1. */
const char *sg_predict_task_name(const struct sg_predict *predict, uint32_t task);
size_t sg_predict_task_file(const struct sg_predict *predict, uint32_t task);
const char *sg_predict_object_name(const struct sg_predict *predict, uint32_t object);
enum sg_object_kind sg_predict_object_kind(const struct sg_predict *predict, uint32_t object);
/** sg_predict_stack - functions, innermost first, as symbols */
const uint32_t *sg_predict_stack(const struct sg_predict *predict, uint32_t stack, size_t *count);
const char *sg_predict_symbol(const struct sg_predict *predict, uint32_t symbol);

/**
 * struct sg_edge - "while holding @from, @task waited for @to"
 * @finding: index of a prediction that it is part of, or SIZE_MAX
 */
struct sg_edge {
	uint32_t from, to;
	uint32_t task;
	size_t finding;
};

/** sg_predict_edges - the lock graph, malloc'd; one edge per pair of objects */
int sg_predict_edges(const struct sg_predict *predict, struct sg_edge **ret, size_t *count);

#endif
