// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio_freeze.c - an owner does not let go, and other slots are pulled meanwhile
 *
 * The removal of the owned drive waits for its owner under the rescan/remove
 * lock.  No cycle: everything goes on once the owner lets go.  Until then no
 * other slot of the machine can be served, and that is the defect.
 */
#include "common.h"

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan);

const struct sg_scenario sg_scenario_vfio_freeze = {
	.name = "vfio-freeze",
	.summary = "an owner does not let go, and other slots are pulled meanwhile",
	.cycle = "none: other slots -> rescan/remove lock, held by the removal of the owned drive "
		 "-> its owner",
	.hangs_on = "5.10 6.1 6.12 7.2",
	.drives = { 2, SG_DRIVES_MAX },
	.describe = describe,
};

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan)
{
	unsigned int order[SG_DRIVES_MAX], others;
	struct sg_setup setup;
	struct sg_list list;
	int err = sg_setup_init(&setup, &sg_scenario_vfio_freeze, params, topo, plan, 2, 6);

	if (err)
		return err;
	for (unsigned int i = 1; i <= setup.drives; i++)
		sg_setup_drive(&setup, i, 0);
	sg_setup_numbers(&setup, order, 1, setup.drives);
	others = sg_rng_range(&setup.rng, 1, setup.drives - 1);
	list = sg_list(order + 1, others);
	sg_setup_modules(&setup);
	sg_plan_add(plan, "vfio %u", order[0]);
	sg_plan_add(plan, "owner o1 linger=never %u", order[0]);
	sg_plan_add(plan, "off f%u %u", order[0], order[0]);
	sg_plan_add(plan, "await-asked %d 1 o1", READY_SECONDS);
	for (unsigned int i = 1; i <= others; i++) {
		sg_setup_gap(&setup);
		sg_plan_add(plan, "off f%u %u", order[i], order[i]);
	}
	sg_plan_add(plan, "await absent %u%s", VERDICT_SECONDS + 2 * others, list.text);
	sg_plan_add(plan, "release o1");
	sg_plan_add(plan, "join %d", VERDICT_SECONDS);
	sg_plan_add(plan, "await absent %d %u", VERDICT_SECONDS, order[0]);
	return plan->err;
}
