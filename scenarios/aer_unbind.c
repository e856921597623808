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
 *
 * aer-unbind-alone: pciehp has been unbound from the port before, so the slot has
 * no gate.  The model found that slotgate did not cure this.
 */
#include "common.h"

#define VICTIM 1

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan);
static int describe_alone(const struct sg_params *params, struct sg_topology *topo,
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

const struct sg_scenario sg_scenario_aer_unbind_alone = {
	.name = "aer-unbind-alone",
	.summary = "the same port, that pciehp does not drive any more",
	.cycle = "unbinding the root port: its device lock -> error recovery ends; error "
		 "recovery -> the root port's device lock",
	.hangs_on = "6.1 6.12 7.2",
	.drives = { 1, 8 },
	.describe = describe_alone,
};

static void unbind_pciehp(struct sg_setup *setup)
{
	sg_plan_add(setup->plan, "write s /sys/bus/pci_express/drivers/pciehp/unbind {service %d}",
		    VICTIM);
	sg_plan_add(setup->plan, "join %d s", VERDICT_SECONDS);
}

static int set_up(const struct sg_scenario *scenario, const struct sg_params *params,
		  struct sg_topology *topo, struct sg_plan *plan, bool alone)
{
	struct sg_setup setup;
	int err = sg_setup_init(&setup, scenario, params, topo, plan, 1, 3);

	if (err)
		return err;
	for (unsigned int i = 1; i <= setup.drives; i++)
		sg_setup_drive(&setup, i, 0);
	sg_plan_add(plan, "modules errors");
	sg_setup_modules(&setup);
	if (alone)
		unbind_pciehp(&setup);
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

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan)
{
	return set_up(&sg_scenario_aer_unbind, params, topo, plan, false);
}

static int describe_alone(const struct sg_params *params, struct sg_topology *topo,
			  struct sg_plan *plan)
{
	return set_up(&sg_scenario_aer_unbind_alone, params, topo, plan, true);
}
