// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_rng.c - seeded random numbers
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <slotgate/plan.h>

static void test_same_seed(void **state)
{
	struct sg_rng a, b, c;
	int different = 0;

	(void)state;
	sg_rng_init(&a, 7);
	sg_rng_init(&b, 7);
	sg_rng_init(&c, 8);
	for (int i = 0; i < 100; i++) {
		uint64_t value = sg_rng_next(&a);

		assert_true(value == sg_rng_next(&b));
		different += value != sg_rng_next(&c);
	}
	assert_int_equal(different, 100);
}

/* A seed in a report must give the same plan in every later version. */
static void test_fixed_for_ever(void **state)
{
	struct sg_rng rng;

	(void)state;
	sg_rng_init(&rng, 0);
	assert_true(sg_rng_next(&rng) == 0xe220a8397b1dcdafULL);
	sg_rng_init(&rng, 1);
	assert_int_equal(sg_rng_range(&rng, 1, 1000000), 822466);
}

static void test_range(void **state)
{
	unsigned int seen[6] = { 0 };
	struct sg_rng rng;

	(void)state;
	sg_rng_init(&rng, 3);
	for (int i = 0; i < 6000; i++) {
		unsigned int value = sg_rng_range(&rng, 2, 5);

		assert_in_range(value, 2, 5);
		seen[value]++;
	}
	for (int value = 2; value <= 5; value++)
		assert_in_range(seen[value], 1350, 1650);
	assert_int_equal(sg_rng_range(&rng, 4, 4), 4);
	assert_int_equal(sg_rng_range(&rng, 9, 4), 9);
	sg_rng_range(&rng, 0, UINT32_MAX);
}

static void test_shuffle(void **state)
{
	unsigned int values[20], moved = 0, seen = 0;
	struct sg_rng rng;

	(void)state;
	for (unsigned int i = 0; i < 20; i++)
		values[i] = i;
	sg_rng_init(&rng, 5);
	sg_rng_shuffle(&rng, values, 20);
	for (unsigned int i = 0; i < 20; i++) {
		moved += values[i] != i;
		seen |= 1u << values[i];
	}
	assert_int_equal(seen, (1u << 20) - 1);
	assert_true(moved > 10);
	sg_rng_shuffle(&rng, values, 0);
	sg_rng_shuffle(&rng, values, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_seed),
		cmocka_unit_test(test_fixed_for_ever),
		cmocka_unit_test(test_range),
		cmocka_unit_test(test_shuffle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
