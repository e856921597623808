// SPDX-License-Identifier: GPL-2.0-only
/*
 * rescan_remove.c - a device is removed while somebody rescans it
 *
 * As in nested_ports.c, an owner that does not let go of the drive in slot 1
 * keeps the rescan/remove lock on a stock kernel.  Behind it queue a removal
 * of the device in slot 2 and then writers to a rescan file that goes away
 * with the device.  When the owner lets go, the removal comes first and waits
 * for the writers, who wait for the lock.
 *
 * In half of the seeds the device in slot 2 has an owner too, which lets go in
 * the end only: with early unbind the removal is then under way when the
 * writers come.
 */
#include "common.h"

#define HELPER 1
#define VICTIM 2

/* Each removal takes the rescan file's folder away. */
static const struct {
	const char *removal;
	const char *rescan;
} pairs[] = {
	{ "write r {2}/remove 1", "{2}/rescan" },
	{ "off r 2", "{2}/rescan" },
	{ "write r {port 2}/remove 1", "{2}/rescan" },
	{ "write r {port 2}/remove 1", "{port 2}/rescan" },
	{ "write r {port 2}/remove 1", "{bus 2}/rescan" },
};

static void collide(struct sg_setup *setup)
{
	unsigned int pair = sg_rng_range(&setup->rng, 0, sizeof(pairs) / sizeof(pairs[0]) - 1);
	unsigned int writers = sg_rng_range(&setup->rng, 1, 3);

	sg_plan_add(setup->plan, "off fh %d", HELPER);
	sg_plan_add(setup->plan, "await-asked %d 1 h", READY_SECONDS);
	sg_setup_gap(setup);
	sg_plan_add(setup->plan, "%s", pairs[pair].removal);
	/* the writer to `power` waits before its interrupt thread has begun */
	sg_plan_add(setup->plan, "await-busy %d r", READY_SECONDS);
	if (pairs[pair].removal[0] == 'o')
		sg_plan_add(setup->plan, "await-busy %d %d", READY_SECONDS, VICTIM);
	for (unsigned int i = 1; i <= writers; i++) {
		sg_plan_add(setup->plan, "write w%u %s 1", i, pairs[pair].rescan);
		sg_plan_add(setup->plan, "await-busy %d w%u", READY_SECONDS, i);
	}
	sg_setup_gap(setup);
	sg_plan_add(setup->plan, "release h");
}

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan);

const struct sg_scenario sg_scenario_rescan_remove = {
	.name = "rescan-remove",
	.summary = "a device is removed while somebody rescans it",
	.cycle = "writer: inside the device's rescan file -> rescan/remove lock; removal: "
		 "rescan/remove lock -> nobody is inside the rescan file",
	.hangs_on = "5.10 6.1 6.12 7.2",
	.drives = { 2, 16 },
	.describe = describe,
};

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan)
{
	struct sg_setup setup;
	bool owned;
	int err = sg_setup_init(&setup, &sg_scenario_rescan_remove, params, topo, plan, 2, 4);

	if (err)
		return err;
	for (unsigned int i = 1; i <= setup.drives; i++)
		sg_setup_drive(&setup, i, 0);
	owned = sg_rng_range(&setup.rng, 0, 1);
	sg_setup_modules(&setup);
	sg_plan_add(plan, owned ? "vfio %d %d" : "vfio %d", HELPER, VICTIM);
	sg_plan_add(plan, "owner h linger=never %d", HELPER);
	if (owned)
		sg_plan_add(plan, "owner o1 linger=never %d", VICTIM);
	collide(&setup);
	sg_setup_gap(&setup);
	if (owned)
		sg_plan_add(plan, "release o1");
	sg_plan_add(plan, "join %d", VERDICT_SECONDS);
	sg_plan_add(plan, "await absent %d %d", VERDICT_SECONDS, HELPER);
	return plan->err;
}
