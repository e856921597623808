// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_number.c - what users type: numbers, misspelt words, lists
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "slotgate/nearest.h"
#include "slotgate/number.h"
#include "slotgate/strv.h"

static void numbers_are_strict(void **state)
{
	static const struct {
		const char *text;
		int code;
		uint64_t value;
	} cases[] = {
		{ "1", 0, 1 },		  { "64", 0, 64 },	   { "007", 0, 7 },
		{ "0", -ERANGE, 0 },	  { "65", -ERANGE, 0 },	   { "1000", -ERANGE, 0 },
		{ "", -EINVAL, 0 },	  { "-1", -EINVAL, 0 },	   { "+1", -EINVAL, 0 },
		{ " 1", -EINVAL, 0 },	  { "1 ", -EINVAL, 0 },	   { "1x", -EINVAL, 0 },
		{ "0x10", -EINVAL, 0 },	  { "many", -EINVAL, 0 },
		{ "18446744073709551616", -ERANGE, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint64_t value = 12345;

		assert_int_equal(sg_number_parse(cases[i].text, 1, 64, &value), cases[i].code);
		assert_int_equal(value, cases[i].code ? 12345 : cases[i].value);
	}
}

static void the_whole_range_is_taken(void **state)
{
	uint64_t value;

	(void)state;
	assert_int_equal(sg_number_parse("18446744073709551615", 0, UINT64_MAX, &value), 0);
	assert_true(value == UINT64_MAX);
	assert_int_equal(sg_number_parse("0", 0, UINT64_MAX, &value), 0);
	assert_true(value == 0);
}

static void distances(void **state)
{
	(void)state;
	assert_int_equal(sg_distance("", ""), 0);
	assert_int_equal(sg_distance("abc", ""), 3);
	assert_int_equal(sg_distance("abc", "abc"), 0);
	assert_int_equal(sg_distance("abc", "acb"), 1);	/* a swap is one slip */
	assert_int_equal(sg_distance("abc", "abd"), 1);
	assert_int_equal(sg_distance("kitten", "sitting"), 3);
}

static const char *const names[] = { "vfio-close", "vfio-freeze", "nested-ports", NULL };

static const char *name(const void *data, size_t index)
{
	return ((const char *const *)data)[index];
}

static void assert_nearest(const char *word, const char *expected)
{
	char *text = sg_nearest(word, name, names);

	assert_string_equal(text, expected);
	free(text);
}

static void nearest_names(void **state)
{
	(void)state;
	assert_nearest("vfio-clsoe", "; did you mean vfio-close?");
	assert_nearest("nested", "; did you mean nested-ports?");
	assert_nearest("vfio", "; did you mean vfio-close or vfio-freeze?");
	assert_nearest("completely-different", "");
	assert_nearest("", "");
}

static void very_long_words_do_no_harm(void **state)
{
	char word[5000];

	(void)state;
	memset(word, 'x', sizeof(word));
	word[sizeof(word) - 1] = '\0';
	free(sg_nearest(word, name, names));
}

static void lists_end_in_null(void **state)
{
	struct sg_strv strv = {0};

	(void)state;
	for (int i = 0; i < 100; i++) {
		assert_int_equal(sg_strv_add(&strv, "item %d", i), 0);
		assert_null(strv.items[strv.count]);
	}
	assert_int_equal(strv.count, 100);
	assert_string_equal(strv.items[99], "item 99");
	assert_true(sg_strv_has(&strv, "item 50"));
	assert_false(sg_strv_has(&strv, "item"));
	sg_strv_deinit(&strv);
	assert_null(strv.items);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_strict),
		cmocka_unit_test(the_whole_range_is_taken),
		cmocka_unit_test(distances),
		cmocka_unit_test(nearest_names),
		cmocka_unit_test(very_long_words_do_no_harm),
		cmocka_unit_test(lists_end_in_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
