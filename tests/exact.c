// SPDX-License-Identifier: GPL-2.0-only
/*
 * exact [COUNT [SEED]] - the predictor against all interleavings of random traces
 *
 * Prints what was gone through; ends with 1 at a disagreement.
 */
#include <stdio.h>
#include <stdlib.h>

#include "brute/brute.h"

int main(int argc, char **argv)
{
	size_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 100000;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	size_t states = 0, deadlocks = 0, unknown = 0, wrong = 0, with = 0;

	for (size_t i = 0; i < count; i++) {
		size_t before = deadlocks;

		wrong += !brute_compare(seed + i, &states, &deadlocks, &unknown);
		with += deadlocks != before;
		if (wrong == 10)
			break;
	}
	printf("%zu traces, %zu interleaved states, %zu with deadlocks (%zu different ones), "
	       "%zu undecided, %zu disagreements\n", count, states, with, deadlocks, unknown, wrong);
	return wrong ? 1 : 0;
}
