// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_runs.c - what the verdicts of several runs mean together
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "slotgate/runs.h"

enum { RUNS_MAX = 8 };

static const struct sg_scenario hanging = { .name = "hanging", .hangs_on = "5.10 6.1" };
static const struct sg_scenario harmless = { .name = "harmless" };

static enum sg_verdict verdict_of(char letter)
{
	switch (letter) {
	case 'p':
		return SG_PASSED;
	case 'h':
		return SG_HUNG;
	case 's':
		return SG_SKIPPED;
	}
	return SG_LOST;
}

/* One letter for each run: p(assed), h(ung), s(kipped), l(ost). */
static bool is_ok_on(const char *release, const struct sg_scenario *scenario, const char *stock,
		     const char *cured)
{
	struct sg_run list[RUNS_MAX] = {0};
	struct sg_kernel kernel = { .release = (char *)release };
	struct sg_runs runs = { .list = list, .kernel = &kernel };

	for (int with = 0; with <= 1; with++)
		for (const char *letter = with ? cured : stock; *letter; letter++) {
			assert_true(runs.count < RUNS_MAX);
			list[runs.count++] = (struct sg_run){
				.scenario = scenario, .with_slotgate = with, .finished = true,
				.result.verdict = verdict_of(*letter),
			};
		}
	return sg_runs_ok(&runs, scenario);
}

static bool is_ok(const struct sg_scenario *scenario, const char *stock, const char *cured)
{
	return is_ok_on("6.1.0-56-amd64", scenario, stock, cured);
}

static void stock_has_to_pass_on_a_kernel_without_the_defect(void **state)
{
	(void)state;
	assert_true(is_ok_on("6.12.95+deb12-amd64", &hanging, "pp", "pp"));
	assert_false(is_ok_on("6.12.95+deb12-amd64", &hanging, "h", "p"));
	assert_true(is_ok_on("5.10.0-32-amd64", &hanging, "h", "p"));
	assert_true(is_ok_on("6.1.0-56-amd64", &hanging, "s", "s"));
}

static void stock_alone_has_to_hang_where_it_is_known_to(void **state)
{
	(void)state;
	assert_true(is_ok(&hanging, "h", ""));
	assert_true(is_ok(&hanging, "hhp", ""));
	assert_false(is_ok(&hanging, "hp", ""));
	assert_false(is_ok(&hanging, "pp", ""));
	assert_false(is_ok(&hanging, "l", ""));
}

static void stock_alone_has_to_pass_elsewhere(void **state)
{
	(void)state;
	assert_true(is_ok(&harmless, "pp", ""));
	assert_true(is_ok(&harmless, "s", ""));
	assert_false(is_ok(&harmless, "ph", ""));
	assert_false(is_ok(&harmless, "l", ""));
}

static void slotgate_has_to_pass(void **state)
{
	(void)state;
	assert_true(is_ok(&hanging, "", "pp"));
	assert_false(is_ok(&hanging, "", "ph"));
	assert_false(is_ok(&harmless, "", "l"));
}

static void compared_both_have_to(void **state)
{
	(void)state;
	assert_true(is_ok(&hanging, "hhp", "ppp"));
	assert_false(is_ok(&hanging, "hpp", "ppp"));
	assert_false(is_ok(&hanging, "hhh", "pph"));
	assert_true(is_ok(&harmless, "pp", "pp"));
	assert_false(is_ok(&harmless, "hp", "pp"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stock_alone_has_to_hang_where_it_is_known_to),
		cmocka_unit_test(stock_alone_has_to_pass_elsewhere),
		cmocka_unit_test(stock_has_to_pass_on_a_kernel_without_the_defect),
		cmocka_unit_test(slotgate_has_to_pass),
		cmocka_unit_test(compared_both_have_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
