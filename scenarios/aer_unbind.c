// SPDX-License-Identifier: GPL-2.0-only
/*
 * aer_unbind.c - a root port's driver is unbound while it recovers from an error
 *
 * The drive in slot 1 is taken from vfio-pci, whose owner does not let go: the
 * drive's device lock stays held.  The slot's root port reports an error, and
 * its thread wants to tell the drive's driver and waits for that device lock.
 * Then the driver of the root port is unbound: with the port's device lock held
 * it waits for the thread.  When the owner lets go, the thread goes on to reset
 * the slot, and for that wants the port's device lock.
 */
#include "common.h"

#define VICTIM 1

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan);

const struct sg_scenario sg_scenario_aer_unbind = {
	.name = "aer-unbind",
	.summary = "a root port's driver is unbound while it recovers from an error",
	.cycle = "unbinding the root port: its device lock -> error recovery ends; error "
		 "recovery -> the root port's device lock",
	.hangs_on = "6.1 6.12 7.2",
	.drives = { 1, 8 },
	.describe = describe,
};

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan)
{
	struct sg_setup setup;
	int err = sg_setup_init(&setup, &sg_scenario_aer_unbind, params, topo, plan, 1, 3);

	if (err)
		return err;
	for (unsigned int i = 1; i <= setup.drives; i++)
		sg_setup_drive(&setup, i, 0);
	sg_plan_add(plan, "modules errors");
	sg_setup_modules(&setup);
	sg_plan_add(plan, "vfio %d", VICTIM);
	sg_plan_add(plan, "owner o1 linger=never %d", VICTIM);
	sg_plan_add(plan, "write d {%d}/driver/unbind {%d}", VICTIM, VICTIM);
	sg_plan_add(plan, "await-asked %d 1 o1", READY_SECONDS);
	sg_setup_gap(&setup);
	sg_plan_add(plan, "inject fatal %d", VICTIM);
	sg_plan_add(plan, "await-busy %d error:%d", READY_SECONDS, VICTIM);
	sg_setup_gap(&setup);
	sg_plan_add(plan, "write u {port %d}/driver/unbind {port %d}", VICTIM, VICTIM);
	sg_plan_add(plan, "await-busy %d u", READY_SECONDS);
	sg_setup_gap(&setup);
	sg_plan_add(plan, "release o1");
	sg_plan_add(plan, "join %d", VERDICT_SECONDS);
	return plan->err;
}
