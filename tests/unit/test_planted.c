// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_planted.c - all planted deadlocks of large traces are found, and nothing else
 *
 * "make bench" does the same with up to ten million events.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "planted/planted.h"

static void test_planted(void **state)
{
	char path[] = "/tmp/slotgate-planted-XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	for (uint64_t seed = 1; seed <= 4; seed++) {
		struct planted planted = {
			.seed = seed, .events = 100000, .tasks = 4 * seed, .locks = 50 * seed,
			.cycles = 5 * seed, .sections = 100 * seed,
		};
		struct planted_outcome outcome;
		struct sg_error err;

		assert_int_equal(planted_write(&planted, path, &err), 0);
		assert_int_equal(planted_predict(path, &outcome, &err), 0);
		assert_int_equal(outcome.predicted, planted.cycles);
		assert_int_equal(outcome.wrong, 0);
		assert_int_equal(outcome.unknown, 0);
		assert_true(outcome.kept < outcome.events / 2);
	}
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_planted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
