// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_storm.c - the plan of a storm, and which slots it refuses to touch
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "guard.h"
#include "journal.h"
#include "slotgate/lab.h"
#include "storm.h"

#define PORT "/sys/devices/pci0000:00/0000:00:03.0"
#define DEVICE PORT "/0000:02:00.0"
#define DISK DEVICE "/nvme/nvme0/nvme0n1"

static char root[64];

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

static void link_to(const char *path, const char *target)
{
	char full[512];

	put(path, NULL);
	snprintf(full, sizeof(full), "%s%s", root, path);
	assert_int_equal(symlink(target, full), 0);
}

/* One slot with an NVMe drive of one partition, and nobody who uses it. */
static int make_root(void **state)
{
	(void)state;
	snprintf(root, sizeof(root), "/tmp/XXXXXX");
	if (!mkdtemp(root))
		return -1;
	put("/proc/self/mountinfo", "21 1 8:1 / / rw - ext4 /dev/sda1 rw\n");
	put("/proc/swaps", "Filename Type Size Used Priority\n/dev/sda2 partition 1 0 -2\n");
	put("/sys/bus/pci/slots/7/address", "0000:02:00\n");
	put(PORT "/pci_bus/0000:02/", NULL);
	link_to("/sys/class/pci_bus/0000:02",
		"../../devices/pci0000:00/0000:00:03.0/pci_bus/0000:02");
	link_to("/sys/bus/pci/devices/0000:00:03.0", "../../../devices/pci0000:00/0000:00:03.0");
	put(DISK "/dev", "259:0\n");
	put(DISK "/holders/", NULL);
	link_to(DISK "/subsystem", "../../class/block");
	put(DISK "/nvme0n1p1/dev", "259:1\n");
	put(DISK "/nvme0n1p1/partition", "1\n");
	put(DISK "/nvme0n1p1/holders/", NULL);
	link_to(DISK "/nvme0n1p1/subsystem", "../../class/block");
	return 0;
}

static int remove_root(void **state)
{
	(void)state;
	return sg_remove_tree(root);
}

/* What the guard says of slot 7; "" if nothing. */
static const char *refusal(void)
{
	static char text[512];
	struct sg_strv reasons = {0};
	struct storm_slot slot;

	assert_int_equal(storm_slot_find(root, "7", &slot), 0);
	assert_int_equal(storm_guard(root, &slot, &reasons), 0);
	text[0] = '\0';
	for (size_t i = 0; i < reasons.count; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", i ? "; " : "",
			 reasons.items[i]);
	sg_strv_deinit(&reasons);
	return text;
}

static void test_slot(void **state)
{
	struct storm_slot slot;

	(void)state;
	assert_int_equal(storm_slot_find(root, "7", &slot), 0);
	assert_string_equal(slot.device, "0000:02:00.0");
	assert_string_equal(slot.port, "0000:00:03.0");
	assert_string_equal(slot.above, "");
	assert_string_equal(slot.top, "0000:00:03.0");
	assert_int_equal(storm_slot_find(root, "8", &slot), -ENODEV);
	assert_int_equal(storm_slot_find(root, "../slots/7", &slot), -ENODEV);
	assert_int_equal(storm_slot_find(root, "", &slot), -ENODEV);
}

static void test_unused(void **state)
{
	(void)state;
	assert_string_equal(refusal(), "");
}

static void test_mounted(void **state)
{
	(void)state;
	put("/proc/self/mountinfo", "21 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
	    "30 21 259:1 / /data rw,relatime shared:3 - xfs /dev/nvme0n1p1 rw\n");
	assert_string_equal(refusal(), "nvme0n1p1 is mounted on /data");
}

static void test_root_device(void **state)
{
	(void)state;
	put("/proc/self/mountinfo", "21 1 259:1 / / rw - ext4 /dev/root rw\n");
	assert_string_equal(refusal(), "nvme0n1p1 is the root device");
}

static void test_btrfs(void **state)
{
	(void)state;
	put("/proc/self/mountinfo", "30 21 0:45 / /data rw - btrfs /dev/nvme0n1 rw\n");
	assert_string_equal(refusal(), "nvme0n1 is mounted on /data");
}

static void test_swap(void **state)
{
	(void)state;
	put("/proc/swaps", "Filename Type\n/dev/nvme0n1p1 partition 1 0 -2\n");
	assert_string_equal(refusal(), "nvme0n1p1 is used as swap");
}

/* A drive in an array, upon that a logical volume, which is mounted. */
static void test_holders(void **state)
{
	(void)state;
	put("/sys/devices/virtual/block/md0/dev", "9:0\n");
	put("/sys/devices/virtual/block/dm-3/dev", "253:3\n");
	put("/sys/devices/virtual/block/dm-3/dm/name", "vg-home\n");
	link_to(DISK "/nvme0n1p1/holders/md0", "../../../../../../../../virtual/block/md0");
	link_to("/sys/devices/virtual/block/md0/holders/dm-3", "../../dm-3");
	put("/proc/self/mountinfo", "30 21 253:3 / /home rw - ext4 /dev/mapper/vg-home rw\n");
	assert_string_equal(refusal(), "nvme0n1p1 is part of md0; md0 is part of dm-3 (vg-home); "
			    "dm-3 is mounted on /home");
}

static void test_open(void **state)
{
	(void)state;
	put("/proc/77/comm", "dd\n");
	link_to("/proc/77/fd/3", "/dev/nvme0n1");
	assert_string_equal(refusal(), "nvme0n1 is open in process 77 (dd)");
}

/* With several paths the disk is not below the port, but in the subsystem. */
static void test_multipath(void **state)
{
	(void)state;
	link_to(DEVICE "/nvme/nvme0/subsystem", "../../class/nvme");
	put("/sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme9n1/dev", "259:7\n");
	put("/sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme9n1/holders/", NULL);
	link_to("/sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme0",
		"../../../pci0000:00/0000:00:03.0/0000:02:00.0/nvme/nvme0");
	link_to("/sys/class/nvme-subsystem/nvme-subsys0",
		"../../devices/virtual/nvme-subsystem/nvme-subsys0");
	put("/proc/self/mountinfo", "30 21 259:7 / /srv rw - xfs /dev/nvme9n1 rw\n");
	assert_string_equal(refusal(), "nvme9n1 is mounted on /srv");
}

static void test_vfio(void **state)
{
	(void)state;
	link_to(DEVICE "/driver", "../../bus/pci/drivers/vfio-pci");
	link_to(DEVICE "/iommu_group", "../../kernel/iommu_groups/12");
	put("/proc/77/comm", "spdk_tgt\n");
	link_to("/proc/77/fd/9", "/dev/vfio/12");
	assert_string_equal(refusal(), "0000:02:00.0 is open in process 77 (spdk_tgt)");
}

static void test_network(void **state)
{
	(void)state;
	put(DEVICE "/net/eth1/operstate", "up\n");
	link_to(DEVICE "/net/eth1/subsystem", "../../class/net");
	assert_string_equal(refusal(), "network interface eth1 is not down, but up");
}

/* While a storm goes on only what lasts counts: not an open file, but a mount does. */
static void test_standing(void **state)
{
	struct sg_strv reasons = {0};
	struct storm_slot slot;

	(void)state;
	assert_int_equal(storm_slot_find(root, "7", &slot), 0);
	put("/proc/77/comm", "udevd\n");
	link_to("/proc/77/fd/3", "/dev/nvme0n1");
	assert_int_equal(storm_guard_standing(root, &slot, &reasons), 0);
	assert_int_equal(reasons.count, 0);
	put("/proc/self/mountinfo", "30 21 259:1 / /data rw - xfs /dev/nvme0n1p1 rw\n");
	assert_int_equal(storm_guard_standing(root, &slot, &reasons), 0);
	assert_int_equal(reasons.count, 1);
	sg_strv_deinit(&reasons);
}

/* ---- the journal ---- */

static void take_journal(struct storm_journal *ret)
{
	static struct storm_config config;

	config = (struct storm_config){ .seed = 5 };
	assert_int_equal(storm_slot_find(root, "7", &config.slots[config.nslots++]), 0);
	storm_journal_take(root, &config, ret);
}

static void make_device(void)
{
	link_to("/sys/bus/pci/devices/0000:02:00.0", "../../../devices/pci0000:00/0000:00:03.0/0000:02:00.0");
	link_to(DEVICE "/driver", "../../bus/pci/drivers/nvme");
	put(DEVICE "/driver_override", "(null)\n");
	put(DEVICE "/reset_method", "flr bus\n");
	put(DEVICE "/sriov_numvfs", "2\n");
}

static void test_journal(void **state)
{
	static struct storm_journal journal, again;
	char path[128];

	(void)state;
	make_device();
	take_journal(&journal);
	assert_int_equal(journal.nslots, 1);
	assert_int_equal(journal.slots[0].nfunctions, 1);
	assert_string_equal(journal.slots[0].functions[0].driver, "nvme");
	assert_string_equal(journal.slots[0].functions[0].override, "");
	snprintf(path, sizeof(path), "%s/journal", root);
	assert_int_equal(storm_journal_load(path, &again), -ENOENT);
	assert_int_equal(storm_journal_save(path, &journal), 0);
	assert_int_equal(storm_journal_load(path, &again), 0);
	assert_int_equal(again.seed, 5);
	assert_int_equal(again.nslots, 1);
	assert_string_equal(again.slots[0].slot.name, "7");
	assert_string_equal(again.slots[0].slot.port, "0000:00:03.0");
	assert_string_equal(again.slots[0].slot.above, "");
	assert_string_equal(again.slots[0].functions[0].driver, "nvme");
	assert_string_equal(again.slots[0].functions[0].methods, "flr bus");
	assert_string_equal(again.slots[0].functions[0].vfs, "2");
	assert_true(storm_journal_save("/no/folder/journal", &journal) < 0);
}

/* What it says is written to files as root: nothing but what a storm may have put down. */
static void test_journal_damaged(void **state)
{
	static const char *const bad[] = {
		"", "{", "[]", "{\"seed\": 1}", "{\"seed\": 1, \"slots\": []}",
		"{\"seed\": 1, \"slots\": [{\"name\": \"7\"}]}",
		"{\"seed\": 1, \"slots\": [{\"name\": \"../x\", \"bus\": \"0000:02\", \"device\": \"0000:02:00.0\", "
		"\"port\": \"0000:00:03.0\", \"above\": \"\", \"top\": \"0000:00:03.0\", \"functions\": []}]}",
		"{\"seed\": 1, \"slots\": [{\"name\": \"7\", \"bus\": \"0000:02\", \"device\": \"0000:02:00.0.0.0.0\", "
		"\"port\": \"0000:00:03.0\", \"above\": \"\", \"top\": \"0000:00:03.0\", \"functions\": []}]}",
		"{\"seed\": 1, \"slots\": [{\"name\": \"7\", \"bus\": \"0000:02\", \"device\": \"0000:02:00.0\", "
		"\"port\": \"0000:00:03.0\", \"above\": \"\", \"top\": \"0000:00:03.0\", \"functions\": [7]}]}",
	};
	static struct storm_journal journal;
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/journal", root);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		put("/journal", bad[i]);
		assert_int_equal(storm_journal_load(path, &journal), -EINVAL);
	}
}

/* ---- lists of slots ---- */

static int parse(const char *text, struct storm_config *ret)
{
	struct sg_error err;

	*ret = (struct storm_config){ .nslots = 0 };
	return storm_slots_parse(root, text, ret, &err);
}

static void test_slots(void **state)
{
	static struct storm_config config;

	(void)state;
	put("/sys/bus/pci/slots/8/address", "0000:02:00\n");
	put("/sys/bus/pci/slots/8-1/address", "0000:02:00\n");
	assert_int_equal(parse("7-8,8-1", &config), 0);
	assert_int_equal(config.nslots, 3);
	assert_string_equal(config.slots[1].name, "8");
	assert_string_equal(config.slots[2].name, "8-1");
	assert_int_equal(parse("7,9", &config), -ENODEV);
	assert_int_equal(parse("7,7", &config), -EINVAL);
	assert_int_equal(parse("8-7", &config), -EINVAL);
	assert_int_equal(parse(",", &config), -EINVAL);
	assert_int_equal(parse("7-", &config), -ENODEV);
}

/* What cannot be looked at may not be used. */
static void test_blind(void **state)
{
	struct sg_strv reasons = {0};
	struct storm_slot slot;
	char path[128];

	(void)state;
	assert_int_equal(storm_slot_find(root, "7", &slot), 0);
	snprintf(path, sizeof(path), "%s/proc/self/mountinfo", root);
	assert_int_equal(unlink(path), 0);
	assert_true(storm_guard(root, &slot, &reasons) < 0);
	sg_strv_deinit(&reasons);
}

/* ---- the plan ---- */

static struct storm_config config(uint64_t seed)
{
	struct storm_config ret = {
		.seed = seed, .seconds = 60, .jobs = 4, .rate = 600, .nslots = 5, .actors = ~0u,
	};

	for (unsigned int i = 0; i < ret.nslots; i++)
		snprintf(ret.slots[i].name, sizeof(ret.slots[i].name), "%u", i + 1);
	return ret;
}

static void draw(const struct storm_config *config, char *ret, size_t size, unsigned int count)
{
	struct storm storm = { .config = config };
	size_t len = 0;

	storm_plan_init(&storm);
	for (unsigned int i = 0; i < count; i++) {
		char line[256];

		storm_plan_next(&storm, &storm.next);
		storm_op_text(config, &storm.next, line, sizeof(line));
		len += snprintf(ret + len, size - len, "%s\n", line);
	}
}

static void test_same_seed(void **state)
{
	static char first[65536], second[65536], other[65536];
	struct storm_config one = config(1), two = config(2);

	(void)state;
	draw(&one, first, sizeof(first), 300);
	one.jobs = 64;	/* how many are done at once is no part of the plan */
	draw(&one, second, sizeof(second), 300);
	draw(&two, other, sizeof(other), 300);
	assert_string_equal(first, second);
	assert_string_not_equal(first, other);
}

/* Every actor in every way, on every slot; never a slot twice in one operation. */
static void test_all_occur(void **state)
{
	struct storm_config all = config(3);
	struct storm storm = { .config = &all };
	unsigned int seen[32] = {0}, ways[32] = {0}, slots = 0;
	uint64_t last = 0;

	(void)state;
	storm_plan_init(&storm);
	for (int i = 0; i < 3000; i++) {
		const struct storm_op *op = &storm.next;
		unsigned int actor = 0, mine = 0;

		storm_plan_next(&storm, &storm.next);
		assert_true(op->due_ms >= last);
		last = op->due_ms;
		while (storm_actors[actor] != op->actor)
			actor++;
		seen[actor]++;
		ways[actor] |= 1u << op->way;
		assert_in_range(op->nslots, 1, op->actor->span);
		for (unsigned int s = 0; s < op->nslots; s++) {
			assert_false(mine & 1u << op->slots[s]);
			mine |= 1u << op->slots[s];
		}
		slots |= mine;
	}
	assert_int_equal(slots, (1u << all.nslots) - 1);
	for (unsigned int i = 0; storm_actors[i]; i++) {
		unsigned int count = 0;

		while (storm_actors[i]->ways[count])
			count++;
		assert_true(seen[i] > 0);
		assert_int_equal(ways[i], (1u << count) - 1);
	}
}

static void test_actors_chosen(void **state)
{
	struct storm_config some = config(4);
	struct storm storm = { .config = &some };

	(void)state;
	some.actors = 1u << 2;
	storm_plan_init(&storm);
	for (int i = 0; i < 100; i++) {
		storm_plan_next(&storm, &storm.next);
		assert_ptr_equal(storm.next.actor, storm_actors[2]);
	}
}

static void test_percentiles(void **state)
{
	struct storm_config some = config(1);
	struct storm storm = { .config = &some };
	struct json_object *list, *kind, *member;

	(void)state;
	for (unsigned int i = 1; i <= 100; i++)
		storm_tally_add(&storm, &(struct storm_sample){
					.kind = "off", .slot = 1, .ms = 101 - i,
					.err = i % 10 ? 0 : -EBUSY });
	list = storm_tally_json(&storm);
	kind = json_object_array_get_idx(list, 0);
	assert_true(json_object_object_get_ex(kind, "refused", &member));
	assert_int_equal(json_object_get_int(member), 10);
	assert_true(json_object_object_get_ex(kind, "p50_ms", &member));
	assert_int_equal(json_object_get_int(member), 51);
	assert_true(json_object_object_get_ex(kind, "max_ms", &member));
	assert_int_equal(json_object_get_int(member), 100);
	assert_int_equal(storm.slots[1].ops, 100);
	assert_int_equal(storm.slots[1].slowest_ms, 100);
	json_object_put(list);
	storm_tally_deinit(&storm);
}

#define with_root(test) cmocka_unit_test_setup_teardown(test, make_root, remove_root)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_root(test_slot),	      with_root(test_unused),
		with_root(test_mounted),      with_root(test_root_device),
		with_root(test_btrfs),	      with_root(test_swap),
		with_root(test_holders),      with_root(test_open),
		with_root(test_multipath),    with_root(test_vfio),
		with_root(test_network),      with_root(test_blind),
		with_root(test_standing),     with_root(test_journal),
		with_root(test_journal_damaged), with_root(test_slots),
		cmocka_unit_test(test_same_seed), cmocka_unit_test(test_all_occur),
		cmocka_unit_test(test_actors_chosen), cmocka_unit_test(test_percentiles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
