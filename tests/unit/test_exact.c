// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_exact.c - the predictor against all interleavings of random traces
 *
 * "make exact" does the same with 100,000 of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "brute/brute.h"

enum { TRACES = 2000 };

static void test_agrees(void **state)
{
	size_t states = 0, deadlocks = 0, unknown = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= TRACES; seed++)
		assert_true(brute_compare(seed, &states, &deadlocks, &unknown));
	/* Neither side found nothing, and hardly anything was left open. */
	assert_in_range(deadlocks, TRACES / 20, TRACES);
	assert_in_range(unknown, 0, TRACES / 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_agrees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
