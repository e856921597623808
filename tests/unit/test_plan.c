// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_plan.c - the plan as text
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <slotgate/plan.h>

static void test_empty(void **state)
{
	struct sg_plan plan;

	(void)state;
	sg_plan_init(&plan);
	assert_null(plan.text);
	assert_int_equal(plan.len, 0);
	sg_plan_deinit(&plan);
	sg_plan_deinit(NULL);
}

static void test_begin(void **state)
{
	struct sg_plan plan;

	(void)state;
	sg_plan_init(&plan);
	sg_plan_begin(&plan, "pace %u", 4);
	assert_string_equal(plan.text, "pace 4\n");
	sg_plan_add(&plan, "kill o1");
	sg_plan_begin(&plan, "pace 5");
	sg_plan_add(&plan, "kill o2");
	assert_int_equal(plan.err, 0);
	assert_string_equal(plan.text, "pace 5\npace 4\nkill o1\nkill o2\n");
	assert_int_equal(plan.len, strlen(plan.text));
	sg_plan_begin(&plan, "two\nlines");
	assert_int_equal(plan.err, -EINVAL);
	sg_plan_deinit(&plan);
}

static void test_lines(void **state)
{
	struct sg_plan plan;

	(void)state;
	sg_plan_init(&plan);
	sg_plan_add(&plan, "vfio %d %s", 3, "4");
	sg_plan_add(&plan, "kill o1");
	assert_int_equal(plan.err, 0);
	assert_string_equal(plan.text, "vfio 3 4\nkill o1\n");
	assert_int_equal(plan.len, strlen(plan.text));
	sg_plan_deinit(&plan);
	assert_null(plan.text);
}

static void test_grows(void **state)
{
	char word[5000];
	struct sg_plan plan;

	(void)state;
	memset(word, 'x', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	sg_plan_init(&plan);
	for (int i = 0; i < 10; i++)
		sg_plan_add(&plan, "%s", word);
	assert_int_equal(plan.err, 0);
	assert_int_equal(plan.len, 10 * sizeof(word));
	assert_int_equal(strlen(plan.text), plan.len);
	sg_plan_deinit(&plan);
}

/* One operation per call: a newline would smuggle in another. */
static void test_newline_refused(void **state)
{
	struct sg_plan plan;

	(void)state;
	sg_plan_init(&plan);
	sg_plan_add(&plan, "sleep 1");
	sg_plan_add(&plan, "sleep %s", "2\nkill o1");
	assert_int_equal(plan.err, -EINVAL);
	sg_plan_add(&plan, "sleep 3");
	assert_string_equal(plan.text, "sleep 1\n");
	sg_plan_deinit(&plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_begin),
		cmocka_unit_test(test_grows),
		cmocka_unit_test(test_newline_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
