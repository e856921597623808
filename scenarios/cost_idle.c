// SPDX-License-Identifier: GPL-2.0-only
/*
 * cost_idle.c - one slot that nobody else wants is used as it is and with slotgate, in turn
 *
 * The slot has no power controller, so that a drive is there again without the host.
 */
#include <slotgate/cost.h>

#include "common.h"

enum { COST_SECONDS = 3000, ROUNDS = 5 };

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan);

const struct sg_scenario sg_scenario_cost_idle = {
	.name = "cost-idle",
	.summary = "one slot that nobody else wants, as it is and with slotgate, in turn",
	.drives = { 0, 1 },
	.seconds = COST_SECONDS,
	.counted = true,
	.slotgate_only = true,
	.stock_between = true,
	.describe = describe,
};

const struct sg_cost_way sg_cost_idle_ways[] = {
	{ "stock", NULL },
	{ "slotgate", "slotgate" },
	{ NULL, NULL }
};

/*
 * Without a driver hardly anything but the hot-plug code is at work.  A reset without one
 * takes so little that what the kernel does by the way shows, unless there are many.
 */
const struct sg_cost_work sg_cost_idle_works[] = {
	{ "off-on", "work power 20 1", "write a /sys/bus/pci/drivers_autoprobe 0" },
	{ "off-on-nvme", "work nvme-power 10 1", "write a /sys/bus/pci/drivers_autoprobe 1" },
	{ "reset-nvme", "work resets 10 1", NULL },
	{ "reset-vfio", "work resets 200 1", "vfio 1" },
	{ "open-close-vfio", "work opens 20 1", NULL },
	{ NULL, NULL, NULL }
};

static void add_way(struct sg_plan *plan, const struct sg_cost_way *way, unsigned int round)
{
	if (way->begin)
		sg_plan_add(plan, "%s", way->begin);
	for (const struct sg_cost_work *work = sg_cost_idle_works; work->name; work++) {
		if (work->prepare)
			sg_plan_add(plan, "%s", work->prepare);
		sg_plan_add(plan, "join %d", READY_SECONDS);
		sg_plan_add(plan, "busy-start");
		sg_plan_add(plan, "%s", work->operation);
		sg_plan_add(plan, "busy-stop %s.%s.%u fine", way->name, work->name, round);
	}
	if (way->begin)
		sg_plan_add(plan, "slotgate-unload");
}

/* One round more, which nobody counts: the first time has caches to fill. */
static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan)
{
	unsigned int rounds = params->rounds ? params->rounds : ROUNDS;

	topo->slots[0] = (struct sg_slot){ .number = 1, .has_drive = true, .no_power = true };
	topo->nslots = 1;
	sg_plan_add(plan, "untraced");
	sg_plan_add(plan, "modules nvme");
	sg_plan_add(plan, "modules vfio");
	for (unsigned int round = 0; round <= rounds; round++)
		for (const struct sg_cost_way *way = sg_cost_idle_ways; way->name; way++)
			add_way(plan, way, round);
	return plan->err;
}
