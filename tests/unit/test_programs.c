// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_programs.c - what a program needs, from the file itself
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "slotgate/cleanup.h"
#include "slotgate/programs.h"

static void own_needs(void **state)
{
	sg_cleanup(sg_strv_deinit) struct sg_strv needs = {0};
	struct sg_error err;

	(void)state;
	assert_int_equal(sg_elf_needs("/proc/self/exe", &needs, &err), 0);
	assert_true(sg_strv_has(&needs, "libc.so.6"));
	assert_true(sg_strv_has(&needs, "libcmocka.so.0"));
	assert_false(sg_strv_has(&needs, "libcmocka.so"));
}

static void no_program(void **state)
{
	sg_cleanup(sg_strv_deinit) struct sg_strv needs = {0};
	struct sg_error err;

	(void)state;
	assert_int_equal(sg_elf_needs("/proc/self/maps", &needs, &err), -ENOEXEC);
	assert_non_null(strstr(err.text, "/proc/self/maps"));
	assert_int_equal(sg_elf_needs("/does/not/exist", &needs, &err), -ENOENT);
	assert_int_equal(needs.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(own_needs),
		cmocka_unit_test(no_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
