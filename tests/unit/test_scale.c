// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_scale.c - removals by the number of drives: table and picture
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "slotgate/scale.h"

static const struct sg_scale_point owners[] = {
	{ 4, { 4.4, 1.1 }, { -1, -1 } },
	{ 64, { 66, 1.32 }, { -1, -1 } },
};

static const struct sg_scale_point surprise[] = {
	{ 1, { 74, 0.5 }, { 73, 0.25 } },
	{ 2, { -1, 0.5 }, { -1, 0.25 } },
};

static void a_table_has_ratio_and_growth(void **state)
{
	char *text = sg_scale_markdown(owners, 2);

	(void)state;
	assert_string_equal(text,
			    "| drives | stock | slotgate | stock / slotgate |\n|---|---|---|---|\n"
			    "| 4 | 4.40 s | 1.10 s | 4.0 |\n| 64 | 66.00 s | 1.32 s | 50.0 |\n"
			    "stock: 15.00 times as long for 64 drives as for 4.\n"
			    "slotgate: 1.20 times as long for 64 drives as for 4.\n");
	free(text);
}

static void what_is_not_known_is_not_told(void **state)
{
	char *text = sg_scale_markdown(surprise, 2);

	(void)state;
	assert_non_null(strstr(text, "| 1 | 74.00 s | 73.00 s | 0.50 s | 0.25 s | 148.0 |\n"));
	assert_non_null(strstr(text, "| 2 | - | - | 0.50 s | 0.25 s | - |\n"));
	assert_null(strstr(text, "stock: "));
	assert_non_null(strstr(text, "slotgate: 1.00 times"));
	free(text);
}

static unsigned int count_of(const char *text, const char *what)
{
	unsigned int count = 0;

	while ((text = strstr(text, what))) {
		text += strlen(what);
		count++;
	}
	return count;
}

static void a_picture_has_every_known_point(void **state)
{
	char *text = sg_scale_svg(surprise, 2, "6.1.0-test");

	(void)state;
	assert_non_null(strstr(text, "6.1.0-test"));
	assert_int_equal(count_of(text, "<circle"), 3);
	assert_int_equal(count_of(text, "<polyline"), SG_SCALE_KINDS);
	assert_string_equal(text + strlen(text) - strlen("</svg>\n"), "</svg>\n");
	free(text);
}

/* The axis begins at 0 and has a mark for each step, and few of them, whatever the range. */
static void an_axis_has_few_marks(void **state)
{
	static const double longest[] = { 0.02, 0.9, 1, 3, 66, 250, 1200 };

	(void)state;
	for (size_t i = 0; i < sizeof(longest) / sizeof(*longest); i++) {
		struct sg_scale_point point = { 1, { longest[i], -1 }, { -1, -1 } };
		char *text = sg_scale_svg(&point, 1, "");
		unsigned int marks = count_of(text, "text-anchor=\"end\"") - 1;

		assert_in_range(marks, 2, 9);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_table_has_ratio_and_growth),
		cmocka_unit_test(what_is_not_known_is_not_told),
		cmocka_unit_test(a_picture_has_every_known_point),
		cmocka_unit_test(an_axis_has_few_marks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
