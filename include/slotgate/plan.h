/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * plan.h - building the plan that the guest agent carries out
 */
#ifndef SLOTGATE_PLAN_H
#define SLOTGATE_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sg_plan {
	char *text;		/* operation lines, each ending in a newline; owned */
	size_t len;
	size_t size;
	int err;		/* first error; later additions do nothing */
};

void sg_plan_init(struct sg_plan *plan);
void sg_plan_deinit(struct sg_plan *plan);

/** sg_plan_add - append one operation line (printf format, without newline) */
void sg_plan_add(struct sg_plan *plan, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/** sg_plan_begin - as sg_plan_add(), in front of all others */
void sg_plan_begin(struct sg_plan *plan, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/** sg_plan_has - is there a line of @text with that operation? */
bool sg_plan_has(const char *text, const char *operation);

struct sg_rng {
	uint64_t state;
};

void sg_rng_init(struct sg_rng *rng, uint64_t seed);
uint64_t sg_rng_next(struct sg_rng *rng);
/** sg_rng_range - evenly distributed in [low, high], both included */
unsigned int sg_rng_range(struct sg_rng *rng, unsigned int low, unsigned int high);
void sg_rng_shuffle(struct sg_rng *rng, unsigned int *values, size_t count);

#endif
