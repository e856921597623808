// SPDX-License-Identifier: GPL-2.0-only
/*
 * abba_2020.c - a drive is pulled while its owner closes it, or somebody resets it
 *
 * The deadlock of the report of 2020.  Fixed in 2023, so a stock kernel passes;
 * kernel line pciehp-2020 has that change undone.
 *
 * As in nested_ports.c, an owner that does not let go of the drive in slot 1
 * keeps the rescan/remove lock on a stock kernel.  The handler of slot 2 waits
 * for that lock, and has taken its reset_lock already.  Now the drive in slot 2
 * is reset: by its owner, who is killed, or by a writer to `reset`.  Either has
 * the device lock and waits for reset_lock.  When the owner of slot 1 lets go,
 * the handler goes on: it wants the device lock.  Since 2023 it gives
 * reset_lock back first.
 *
 * What is in slot 2 has no other reset than that of its slot, see vfio_close.c.
 */
#include "common.h"

#define HELPER 1
#define VICTIM 2

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan);

const struct sg_scenario sg_scenario_abba_2020 = {
	.name = "abba-2020",
	.summary = "a drive is pulled while its owner closes it, or somebody resets it",
	.cycle = "interrupt thread: pciehp's reset_lock -> device lock; reset: device lock -> "
		 "reset_lock",
	.hangs_on = "pciehp-2020",
	.drives = { 2, 16 },
	.describe = describe,
};

static void collide(struct sg_setup *setup, bool by_owner)
{
	sg_plan_add(setup->plan, "off fh %d", HELPER);
	sg_plan_add(setup->plan, "await-asked %d 1 h", READY_SECONDS);
	sg_setup_gap(setup);
	sg_plan_add(setup->plan, "off fv %d", VICTIM);
	sg_plan_add(setup->plan, "await-busy %d %d", READY_SECONDS, VICTIM);
	sg_setup_gap(setup);
	if (by_owner) {
		sg_plan_add(setup->plan, "kill o1");
		sg_plan_add(setup->plan, "await-busy %d o1", READY_SECONDS);
	} else {
		sg_plan_add(setup->plan, "write w {%d}/reset 1", VICTIM);
		sg_plan_add(setup->plan, "await-busy %d w", READY_SECONDS);
	}
	sg_setup_gap(setup);
	sg_plan_add(setup->plan, "release h");
}

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan)
{
	struct sg_setup setup;
	bool by_owner;
	int err = sg_setup_init(&setup, &sg_scenario_abba_2020, params, topo, plan, 2, 3);

	if (err)
		return err;
	for (unsigned int i = 1; i <= setup.drives; i++)
		sg_setup_drive(&setup, i, 0);
	topo->slots[VICTIM - 1].slot_reset = true;
	by_owner = sg_rng_range(&setup.rng, 0, 1);
	sg_setup_modules(&setup);
	sg_plan_add(plan, "vfio %d %d", HELPER, VICTIM);
	sg_plan_add(plan, "reset-method bus %d", VICTIM);
	sg_plan_add(plan, "owner h linger=never %d", HELPER);
	sg_plan_add(plan, "owner o1 linger=never %d", VICTIM);
	collide(&setup, by_owner);
	sg_setup_gap(&setup);
	if (!by_owner)
		sg_plan_add(plan, "release o1");
	sg_plan_add(plan, "join %d", VERDICT_SECONDS);
	sg_plan_add(plan, "await absent %d %d %d", VERDICT_SECONDS, HELPER, VICTIM);
	return plan->err;
}
