// SPDX-License-Identifier: GPL-2.0-only
/*
 * reload.c - slotgate comes and goes while slots are at work
 */
#include "common.h"

#define RELOADS 100
#define MANY 100000		/* more cycles than the reloads leave time for */
#define LAST_ROUND_SECONDS 180

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan);

const struct sg_scenario sg_scenario_reload = {
	.name = "reload",
	.summary = "slotgate is loaded and unloaded 100 times while slots are cycled",
	.cycle = "none: a test of slotgate itself",
	.hangs_on = NULL,
	.drives = { 1, 16 },
	.slotgate_only = true,
	.stock_between = true,
	.seconds = 1500,
	.describe = describe,
};

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan)
{
	unsigned int order[SG_DRIVES_MAX];
	struct sg_setup setup;
	struct sg_list list;
	int err = sg_setup_init(&setup, &sg_scenario_reload, params, topo, plan, 2, 2);

	if (err)
		return err;
	for (unsigned int i = 1; i <= setup.drives; i++)
		sg_setup_drive(&setup, i, 0);
	sg_setup_numbers(&setup, order, 1, setup.drives);
	list = sg_list(order, setup.drives);
	sg_plan_add(plan, "modules nvme");
	sg_plan_add(plan, "modules vfio");
	sg_plan_add(plan, "cycle c1 %d%s", MANY, list.text);
	sg_plan_add(plan, "start reloads");
	sg_plan_add(plan, "reload %u", params->rounds ? params->rounds : RELOADS);
	sg_plan_add(plan, "stop reloads");
	sg_plan_add(plan, "release c1");
	sg_plan_add(plan, "join %d", LAST_ROUND_SECONDS);
	sg_plan_add(plan, "memory end");
	sg_plan_add(plan, "leaks none");
	return plan->err;
}
