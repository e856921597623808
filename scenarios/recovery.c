// SPDX-License-Identifier: GPL-2.0-only
/*
 * recovery.c - drives are recovered from errors of their links, with nothing in the way
 *
 * No row of the scoreboard: what slotgate does instead of the kernel there has
 * to do the same.  A fatal error has the slot reset, another one has not.
 */
#include "common.h"

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan);

const struct sg_scenario sg_scenario_recovery = {
	.name = "recovery",
	.summary = "drives are recovered from errors of their links, with nothing in the way",
	.cycle = "none: error recovery has to do what it does on a stock kernel",
	.hangs_on = NULL,
	.drives = { 1, 8 },
	.describe = describe,
};

static void recover(struct sg_setup *setup, unsigned int slot)
{
	sg_plan_add(setup->plan, "inject %s %u",
		    sg_rng_range(&setup->rng, 0, 2) ? "fatal" : "nonfatal", slot);
	sg_plan_add(setup->plan, "await-recovered %d %u", READY_SECONDS, slot);
	sg_plan_add(setup->plan, "off f%u %u", slot, slot);
	sg_plan_add(setup->plan, "join %d f%u", VERDICT_SECONDS, slot);
	sg_plan_add(setup->plan, "await absent %d %u", VERDICT_SECONDS, slot);
}

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan)
{
	struct sg_setup setup;
	int err = sg_setup_init(&setup, &sg_scenario_recovery, params, topo, plan, 2, 3);

	if (err)
		return err;
	for (unsigned int i = 1; i <= setup.drives; i++)
		sg_setup_drive(&setup, i, 0);
	sg_plan_add(plan, "modules errors");
	sg_setup_modules(&setup);
	for (unsigned int i = 1; i <= setup.drives; i++)
		recover(&setup, i);
	return plan->err;
}
