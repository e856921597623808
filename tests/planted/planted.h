/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * planted.h - large traces with a known number of deadlocks in them
 */
#ifndef TESTS_PLANTED_H
#define TESTS_PLANTED_H

#include <stddef.h>
#include <stdint.h>

#include "slotgate/trace.h"

/**
 * struct planted - what to make up
 * @cycles:   deadlocks of 2 to 4 tasks, each with locks of its own
 * @sections: different harmless sections that tasks go through again and again
 */
struct planted {
	uint64_t seed, events;
	unsigned int tasks, locks, cycles, sections;
};

/** planted_write - a trace of one section after the other, of random tasks */
int planted_write(const struct planted *planted, const char *path, struct sg_error *err);

/** struct planted_outcome - what the predictor said of it */
struct planted_outcome {
	size_t predicted, wrong, unknown;
	uint64_t events, kept;
	double read_s, analyse_s;
};

/** planted_predict - @wrong counts predictions that name any lock that is no planted one */
int planted_predict(const char *path, struct planted_outcome *ret, struct sg_error *err);

#endif
