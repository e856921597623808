// SPDX-License-Identifier: GPL-2.0-only
/*
 * xen_guest.c - a real guest, through xl, from its creation to its end
 *
 * It gets a drive, writes and reads it, lets go of it, gives it back, gets it again,
 * and has it in use when its slot is switched off.  Then it is destroyed, the drive comes
 * back.
 *
 * It is no deadlock and passes on stock kernels as well: it is there to see that
 * slotgate is in nobody's way between a real frontend, xl and xen-pciback.
 */
#include "common.h"

#define DRIVE 1
#define XL_SECONDS 60
#define GUEST_SECONDS 180	/* for a guest to boot, in an emulated machine */

static void use(struct sg_plan *plan, unsigned int time)
{
	sg_plan_add(plan, "xl %d pci-attach guest {%d}", XL_SECONDS, DRIVE);
	sg_plan_add(plan, "await-said %d guest drive-%u-works", GUEST_SECONDS, time);
}

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan);

const struct sg_scenario sg_scenario_xen_guest = {
	.name = "xen-guest",
	.summary = "a real guest gets a drive through xl, gives it back, and loses it in use",
	.cycle = "none: a run through all that xl does with a drive",
	.drives = { 1, 16 },
	.xen = true,
	.by_name = true,
	.describe = describe,
};

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan)
{
	unsigned int drives[SG_DRIVES_MAX];
	struct sg_setup setup;
	int err = sg_setup_init(&setup, &sg_scenario_xen_guest, params, topo, plan, 2, 3);

	if (err)
		return err;
	topo->xen_iommu = true;
	for (unsigned int i = 1; i <= setup.drives; i++)
		sg_setup_drive(&setup, i, 0);
	sg_setup_numbers(&setup, drives, 1, setup.drives);
	sg_setup_xen(&setup, sg_rng_range(&setup.rng, 0, 1) ? "vpci" : "passthrough",
		     sg_list(drives, setup.drives));
	sg_plan_add(plan, "guest");
	sg_plan_add(plan, "await-said %d guest ready", GUEST_SECONDS);
	sg_plan_add(plan, "mark 7 %d", DRIVE);
	use(plan, 1);
	sg_plan_add(plan, "await-said %d guest drive-1-gone", GUEST_SECONDS);
	sg_plan_add(plan, "xl %d pci-detach guest {%d}", XL_SECONDS, DRIVE);
	sg_plan_add(plan, "await disabled %d %d", XL_SECONDS, DRIVE);
	sg_plan_add(plan, "returned %d", DRIVE);
	use(plan, 2);
	sg_plan_add(plan, "off f %d", DRIVE);
	sg_plan_add(plan, "join %d f", VERDICT_SECONDS);
	sg_plan_add(plan, "await absent %d %d", VERDICT_SECONDS, DRIVE);
	sg_plan_add(plan, "xl %d destroy guest", XL_SECONDS);
	sg_plan_add(plan, "plug %d", DRIVE);
	sg_plan_add(plan, "await present %d %d", READY_SECONDS, DRIVE);
	return plan->err;
}
