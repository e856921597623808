// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_livepatch.c - reading the module's state from a folder made to look like sysfs
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "slotgate/lab.h"
#include "slotgate/livepatch.h"

static char root[64];

static int make_root(void **state)
{
	(void)state;
	snprintf(root, sizeof(root), "/tmp/XXXXXX");
	return mkdtemp(root) ? 0 : -1;
}

static int remove_root(void **state)
{
	(void)state;
	return sg_remove_tree(root);
}

static void put(const char *path, const char *text)
{
	char full[512];
	struct sg_error err;
	FILE *file;

	snprintf(full, sizeof(full), "%s%s", root, path);
	*strrchr(full, '/') = '\0';
	assert_int_equal(sg_mkdirs(full, &err), 0);
	full[strlen(full)] = '/';
	if (!text)
		return;
	file = fopen(full, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void put_loaded(const char *enabled, const char *transition)
{
	put("/sys/module/slotgate/version", "0.1.0\n");
	put("/sys/kernel/livepatch/slotgate/enabled", enabled);
	put("/sys/kernel/livepatch/slotgate/transition", transition);
	put("/sys/kernel/livepatch/slotgate/vmlinux/pciehp_ist,1/", NULL);
	put("/sys/kernel/livepatch/slotgate/vmlinux/pci_reset_bus,1/", NULL);
	put("/sys/kernel/slotgate/slots/10/events", "4\n");
	put("/sys/kernel/slotgate/slots/2/events", "7\n");
	put("/sys/kernel/slotgate/slots/2/refused", "1\n");
	put("/sys/kernel/slotgate/topology/left", "3\n");
}

static void an_empty_sysfs_says_not_loaded(void **state)
{
	struct sg_patch_status status;

	(void)state;
	assert_int_equal(sg_patch_read(root, &status), 0);
	assert_int_equal(status.state, SG_PATCH_NONE);
	assert_int_equal(status.nslots, 0);
	sg_patch_status_deinit(&status);
}

static void the_state_follows_enabled_and_transition(void **state)
{
	static const struct {
		const char *enabled, *transition;
		enum sg_patch_state want;
	} cases[] = {
		{ "1\n", "0\n", SG_PATCH_ON },
		{ "1\n", "1\n", SG_PATCH_SWITCHING_ON },
		{ "0\n", "1\n", SG_PATCH_SWITCHING_OFF },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		put_loaded(cases[i].enabled, cases[i].transition);
		assert_int_equal(sg_patch_state(root), cases[i].want);
	}
}

static void a_module_without_patch_is_off(void **state)
{
	(void)state;
	put("/sys/module/slotgate/version", "0.1.0\n");
	assert_int_equal(sg_patch_state(root), SG_PATCH_OFF);
}

static void counters_come_by_slot(void **state)
{
	struct sg_patch_status status;

	(void)state;
	put_loaded("1\n", "0\n");
	assert_int_equal(sg_patch_read(root, &status), 0);
	assert_string_equal(status.version, "0.1.0");
	assert_int_equal(status.nslots, 2);
	assert_string_equal(status.slots[0].name, "2");
	assert_int_equal(status.slots[0].count, 2);
	assert_string_equal(status.slots[0].counter[1].name, "refused");
	assert_int_equal(status.slots[0].counter[1].value, 1);
	assert_string_equal(status.slots[1].name, "10");
	assert_int_equal(status.topology.counter[0].value, 3);
	assert_int_equal(status.ntakeovers, 0);
	sg_patch_status_deinit(&status);
}

static void a_later_patch_of_our_function_is_named(void **state)
{
	struct sg_patch_status status;
	struct json_object *json, *list, *one, *name;

	(void)state;
	put_loaded("1\n", "0\n");
	put("/sys/kernel/livepatch/other/enabled", "1\n");
	put("/sys/kernel/livepatch/other/vmlinux/pci_reset_bus,1/", NULL);
	put("/sys/kernel/livepatch/other/vmlinux/something_else,1/", NULL);
	assert_int_equal(sg_patch_read(root, &status), 0);
	assert_int_equal(status.ntakeovers, 1);
	assert_string_equal(status.takeovers[0].patch, "other");
	assert_string_equal(status.takeovers[0].function, "pci_reset_bus");

	json = sg_patch_to_json(&status);
	assert_true(json_object_object_get_ex(json, "taken_over", &list));
	one = json_object_array_get_idx(list, 0);
	assert_true(json_object_object_get_ex(one, "object", &name));
	assert_string_equal(json_object_get_string(name), "vmlinux");
	json_object_put(json);
	sg_patch_status_deinit(&status);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_empty_sysfs_says_not_loaded, make_root, remove_root),
		cmocka_unit_test_setup_teardown(the_state_follows_enabled_and_transition, make_root, remove_root),
		cmocka_unit_test_setup_teardown(a_module_without_patch_is_off, make_root, remove_root),
		cmocka_unit_test_setup_teardown(counters_come_by_slot, make_root, remove_root),
		cmocka_unit_test_setup_teardown(a_later_patch_of_our_function_is_named, make_root, remove_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
