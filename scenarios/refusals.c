// SPDX-License-Identifier: GPL-2.0-only
/*
 * refusals.c - slotgate beside another livepatch, and on a kernel it was not built for
 *
 * The other livepatch changes a function that slotgate wraps.  There first, it
 * keeps slotgate out; coming later, it takes the function over.  The slotgates
 * of the second part were built for other offsets than this kernel's (on kernel
 * line debug for those of stock 6.1, which lock debugging changes), and for a
 * function that takes an argument more.
 */
#include "common.h"

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan);

const struct sg_scenario sg_scenario_refusals = {
	.name = "refusals",
	.summary = "slotgate beside another livepatch, and on a kernel it was not built for",
	.cycle = "none: a test of slotgate itself",
	.hangs_on = NULL,
	.drives = { 1, 1 },
	.slotgate_only = true,
	.describe = describe,
};

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan)
{
	struct sg_setup setup;
	int err = sg_setup_init(&setup, &sg_scenario_refusals, params, topo, plan, 1, 1);

	if (err)
		return err;
	sg_setup_drive(&setup, 1, 0);
	sg_plan_add(plan, "load other_patch");
	sg_plan_add(plan, "refused slotgate livepatch other_patch already changes pci_reset_bus");
	sg_plan_add(plan, "unload other_patch");
	sg_plan_add(plan, "refused mismatch of struct controller in this kernel, built for");
	sg_plan_add(plan, "refused signature pci_reset_bus is 4:p<pci_dev> in this kernel, "
		    "built for 4:p<pci_dev>4");
	sg_plan_add(plan, "slotgate");
	sg_plan_add(plan, "takeovers none");
	sg_plan_add(plan, "load other_patch");
	sg_plan_add(plan, "takeovers pci_reset_bus");
	sg_plan_add(plan, "unload other_patch");
	sg_plan_add(plan, "takeovers none");
	sg_plan_add(plan, "slotgate-unload");
	return plan->err;
}
