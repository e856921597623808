/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * brute.h - small random traces, and all deadlocks of all their interleavings
 *
 * Shares nothing with lib/predict_*.c but the meaning of the operations: locks
 * here have real queues, tasks really wait in them, and every order of steps is
 * gone through.
 */
#ifndef TESTS_BRUTE_H
#define TESTS_BRUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "slotgate/trace.h"

enum { BRUTE_TASKS = 5, BRUTE_OBJECTS = 5, BRUTE_EVENTS = 40, BRUTE_FOUND = 512 };

/* Signals and awaits use objects of their own: BRUTE_OBJECTS and up. */
struct brute_event {
	uint8_t task;
	enum sg_trace_op op;
	uint8_t object;
};

struct brute_trace {
	struct brute_event events[BRUTE_EVENTS];
	size_t count;
};

/** brute_random - a trace that could have been recorded, the same for the same @seed */
void brute_random(uint64_t seed, struct brute_trace *ret);

/** brute_text - as STD text */
void brute_text(const struct brute_trace *trace, char *buf, size_t size);

/**
 * struct brute_deadlocks - sets of tasks, as text: "T0 acq L1;T1 acq L0;", sorted
 * @states: how many were gone through
 * @overflow: too many states or sets; @found is not all
 */
struct brute_deadlocks {
	char found[BRUTE_FOUND][96];
	size_t count;
	size_t states;
	bool overflow;
};

void brute_deadlocks(const struct brute_trace *trace, struct brute_deadlocks *ret);

/** brute_predict - the same from the predictor; what it could not tell is in @open, and counted */
int brute_predict(const struct brute_trace *trace, struct brute_deadlocks *ret,
		  struct brute_deadlocks *open, size_t *unknown);

/** brute_compare - do both agree on the trace of @seed?  If not, says on stderr where */
bool brute_compare(uint64_t seed, size_t *states, size_t *deadlocks, size_t *unknown);

#endif
