// SPDX-License-Identifier: GPL-2.0-only
/*
 * rng.c - seeded random numbers: the same everywhere, for ever
 *
 * A counter with a large odd step, whose bits are then mixed by two rounds of
 * multiply and shift.  Any seed will do, zero and neighbours too.
 */
#include <slotgate/plan.h>

#define STEP 0x9e3779b97f4a7c15ULL	/* 2^64 divided by the golden ratio */

static uint64_t mix(uint64_t value)
{
	value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
	value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
	return value ^ (value >> 31);
}

void sg_rng_init(struct sg_rng *rng, uint64_t seed)
{
	rng->state = seed;
}

uint64_t sg_rng_next(struct sg_rng *rng)
{
	rng->state += STEP;
	return mix(rng->state);
}

unsigned int sg_rng_range(struct sg_rng *rng, unsigned int low, unsigned int high)
{
	uint64_t span = (uint64_t)high - low + 1;
	uint64_t usable, value;

	if (high <= low)
		return low;
	/* values past the last whole span would favour the small ones */
	usable = UINT64_MAX - UINT64_MAX % span;
	do
		value = sg_rng_next(rng);
	while (value >= usable);
	return low + value % span;
}

void sg_rng_shuffle(struct sg_rng *rng, unsigned int *values, size_t count)
{
	for (size_t left = count; left > 1; left--) {
		size_t pick = sg_rng_range(rng, 0, left - 1);
		unsigned int value = values[pick];

		values[pick] = values[left - 1];
		values[left - 1] = value;
	}
}
