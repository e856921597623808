// SPDX-License-Identifier: GPL-2.0-only
/*
 * reset_added.c - a drive is reset as soon as it is there
 *
 * The kernel tells the world of a new device, and takes the device's lock a moment
 * later to let drivers at it.  Whoever writes to its `reset` in between has that
 * lock and waits for the slot's reset lock; the slot's thread, which adds the
 * device, has the reset lock and waits for the device's.  5.10 does not take that
 * lock there.  Found by "slotgate predict" in the recording of another row.
 *
 * Nothing can hold the thread up in between, so the slot is switched off and on
 * again while somebody tries to reset what is in it, again and again.  The drive
 * has no reset but its slot's; the slot has no power controller, so that it stays.
 */
#include "common.h"

#define VICTIM 1
#define ROUNDS 20

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan);

const struct sg_scenario sg_scenario_reset_added = {
	.name = "reset-added",
	.summary = "a drive is reset as soon as it is there",
	.cycle = "adding the drive: slot's reset lock -> device lock; reset: device lock -> "
		 "slot's reset lock",
	.hangs_on = "6.1 6.12 7.2",
	.drives = { 1, 8 },
	.describe = describe,
};

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan)
{
	struct sg_setup setup;
	int err = sg_setup_init(&setup, &sg_scenario_reset_added, params, topo, plan, 1, 2);

	if (err)
		return err;
	for (unsigned int i = 1; i <= setup.drives; i++) {
		sg_setup_drive(&setup, i, 0);
		topo->slots[i - 1].slot_reset = true;
		topo->slots[i - 1].no_power = true;
	}
	sg_setup_vfio(&setup);
	sg_plan_add(plan, "again w {%d}/reset 1", VICTIM);
	for (unsigned int round = 1; round <= ROUNDS; round++) {
		sg_plan_add(plan, "off f %d", VICTIM);
		sg_plan_add(plan, "join %d f", VERDICT_SECONDS);
		sg_setup_gap(&setup);
		sg_plan_add(plan, "on n %d", VICTIM);
		sg_plan_add(plan, "join %d n", VERDICT_SECONDS);
		sg_setup_gap(&setup);
	}
	sg_plan_add(plan, "release w");
	sg_plan_add(plan, "join %d", VERDICT_SECONDS);
	sg_plan_add(plan, "await present %d %d", VERDICT_SECONDS, VICTIM);
	return plan->err;
}
