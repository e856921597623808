// SPDX-License-Identifier: GPL-2.0-only
/*
 * port_wedge.c - a drive is reset whose owner does not let go of it
 *
 * vfio-pci is unbound from the drive and waits for the owner, with the drive's
 * device lock held: that is the owner's business and nobody else's.  A writer
 * to the drive's `reset` takes the port's device lock, since 6.10, and waits
 * for the drive's: now the port is nobody's to use any more.  Older kernels
 * leave the port alone; what fails there is that the writer cannot be killed.
 *
 * In one of three seeds the port has lost its driver before, and so the drive
 * has no hot-plug slot and no gate: resets must not wait with a lock held there
 * either.
 */
#include "common.h"

#define VICTIM 1

static void wedge(struct sg_setup *setup, bool gateless)
{
	unsigned int writers = sg_rng_range(&setup->rng, 1, 3);

	sg_plan_add(setup->plan, "write u {%d}/driver/unbind {%d}", VICTIM, VICTIM);
	sg_plan_add(setup->plan, "await-asked %d 1 o1", READY_SECONDS);
	sg_setup_gap(setup);
	for (unsigned int i = 1; i <= writers; i++) {
		sg_plan_add(setup->plan, "write t%u {%d}/reset 1", i, VICTIM);
		sg_plan_add(setup->plan, "await-busy %d t%u", READY_SECONDS, i);
	}
	sg_setup_gap(setup);
	/* both take the port's device lock */
	if (gateless)
		sg_plan_add(setup->plan, "write w /sys/bus/pci/drivers/pcieport/bind {port %d}",
			    VICTIM);
	else
		sg_plan_add(setup->plan, "write w {port %d}/driver/unbind {port %d}", VICTIM,
			    VICTIM);
	sg_plan_add(setup->plan, "join %d w", VERDICT_SECONDS);
	/* who waits for a reset may be killed */
	sg_plan_add(setup->plan, "kill t1");
	sg_plan_add(setup->plan, "join %d t1", VERDICT_SECONDS);
}

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan);

const struct sg_scenario sg_scenario_port_wedge = {
	.name = "port-wedge",
	.summary = "a drive is reset whose owner does not let go of it",
	.cycle = "none: whoever wants the port -> device lock of the port, held by the reset -> "
		 "device lock of the drive, held by its unbinding -> the owner",
	.hangs_on = "5.10 6.1 6.12 7.2",
	.drives = { 1, 16 },
	.describe = describe,
};

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan)
{
	struct sg_setup setup;
	bool gateless;
	int err = sg_setup_init(&setup, &sg_scenario_port_wedge, params, topo, plan, 1, 2);

	if (err)
		return err;
	for (unsigned int i = 1; i <= setup.drives; i++)
		sg_setup_drive(&setup, i, 0);
	gateless = !sg_rng_range(&setup.rng, 0, 2);
	sg_setup_modules(&setup);
	sg_plan_add(plan, "vfio %d", VICTIM);
	sg_plan_add(plan, "owner o1 linger=never %d", VICTIM);
	if (gateless) {
		sg_plan_add(plan, "write b {port %d}/driver/unbind {port %d}", VICTIM, VICTIM);
		sg_plan_add(plan, "join %d b", READY_SECONDS);
	}
	wedge(&setup, gateless);
	sg_plan_add(plan, "release o1");
	sg_plan_add(plan, "join %d", VERDICT_SECONDS);
	return plan->err;
}
