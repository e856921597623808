// SPDX-License-Identifier: GPL-2.0-only
/*
 * reset_unbind.c - a port loses its driver while the drive below it is removed and reset
 *
 * As in nested_ports.c, an owner that does not let go of the drive in slot 1
 * keeps the rescan/remove lock on a stock kernel.  The interrupt thread of slot
 * 2 waits for that lock; the port of slot 2 is unbound from its driver, which
 * waits for the thread with the port's device lock held; and a writer inside
 * `reset` of the drive waits for the port's device lock, which a reset takes
 * since 6.10.  When the owner lets go, the thread removes the drive and waits
 * until nobody is inside `reset`.
 *
 * In half of the seeds the drive in slot 2 has an owner too, which lets go in
 * the end only: with early unbind its removal is then under way when the others
 * come.
 */
#include "common.h"

#define HELPER 1
#define VICTIM 2

static void collide(struct sg_setup *setup)
{
	unsigned int writers = sg_rng_range(&setup->rng, 1, 2);

	sg_plan_add(setup->plan, "off fh %d", HELPER);
	sg_plan_add(setup->plan, "await-asked %d 1 h", READY_SECONDS);
	sg_setup_gap(setup);
	sg_plan_add(setup->plan, "off f %d", VICTIM);
	sg_plan_add(setup->plan, "await-busy %d %d", READY_SECONDS, VICTIM);
	sg_setup_gap(setup);
	sg_plan_add(setup->plan, "write u {port %d}/driver/unbind {port %d}", VICTIM, VICTIM);
	sg_plan_add(setup->plan, "await-busy %d u", READY_SECONDS);
	for (unsigned int i = 1; i <= writers; i++) {
		sg_plan_add(setup->plan, "write t%u {%d}/reset 1", i, VICTIM);
		sg_plan_add(setup->plan, "await-busy %d t%u", READY_SECONDS, i);
	}
	sg_setup_gap(setup);
	sg_plan_add(setup->plan, "release h");
}

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan);

const struct sg_scenario sg_scenario_reset_unbind_3 = {
	.name = "reset-unbind-3",
	.summary = "a port loses its driver while the drive below it is removed and reset",
	.cycle = "unbinding of the port: device lock of the port -> the slot's interrupt thread; "
		 "that thread: rescan/remove lock -> nobody is inside the drive's reset file; its "
		 "writer -> device lock of the port",
	.hangs_on = "6.12 7.2",
	.drives = { 2, 16 },
	.describe = describe,
};

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan)
{
	struct sg_setup setup;
	bool owned;
	int err = sg_setup_init(&setup, &sg_scenario_reset_unbind_3, params, topo, plan, 2, 3);

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
	sg_plan_add(plan, "await absent %d %d %d", VERDICT_SECONDS, HELPER, VICTIM);
	return plan->err;
}
