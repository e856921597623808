// SPDX-License-Identifier: GPL-2.0-only
/*
 * second_owner.c - what the first owner left in a drive, the second must not see
 *
 * The slots have no power controller, so a drive that is switched off and on
 * again, or removed and found again, is the same drive in the same state.  Its
 * owner leaves a mark in it and ends while it is being removed.  vfio cannot
 * reset it then, as the removal has the device lock, and a stock kernel forgets
 * it.  slotgate makes up for it before another driver gets the drive.
 */
#include "common.h"

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan);

const struct sg_scenario sg_scenario_second_owner = {
	.name = "second-owner",
	.summary = "drives change hands while their slots are busy, and must be reset in between",
	.cycle = "none: the owner's release cannot reset a drive that is being removed, and nobody "
		 "does it later: the next owner sees what the last one left",
	.drives = { 1, 16 },
	.hangs_on = "5.10 6.1 6.12 7.2",
	.stock_must_fail = true,
	.describe = describe,
};

/* Half of them by their slot, half through sysfs; stock does one after the other. */
static void take_away(struct sg_setup *setup, const unsigned int *order, const bool *by_slot)
{
	for (unsigned int i = 0; i < setup->drives; i++) {
		if (by_slot[i])
			sg_plan_add(setup->plan, "off f%u %u", order[i], order[i]);
		else
			sg_plan_add(setup->plan, "write r%u {%u}/remove 1", order[i], order[i]);
		sg_setup_gap(setup);
	}
	sg_plan_add(setup->plan, "await-asked %d 1 o1", READY_SECONDS);
	sg_plan_add(setup->plan, sg_rng_range(&setup->rng, 0, 1) ? "kill o1" : "release o1");
	sg_plan_add(setup->plan, "join %u", VERDICT_SECONDS + 2 * setup->drives);
}

static void bring_back(struct sg_setup *setup, const unsigned int *order, const bool *by_slot)
{
	for (unsigned int i = 0; i < setup->drives; i++)
		if (by_slot[i])
			sg_plan_add(setup->plan, "on n%u %u", order[i], order[i]);
	sg_plan_add(setup->plan, "write s /sys/bus/pci/rescan 1");
	sg_plan_add(setup->plan, "join %u", VERDICT_SECONDS + 2 * setup->drives);
}

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan)
{
	unsigned int order[SG_DRIVES_MAX];
	bool by_slot[SG_DRIVES_MAX];
	struct sg_setup setup;
	struct sg_list all;
	int err = sg_setup_init(&setup, &sg_scenario_second_owner, params, topo, plan, 1, 4);

	if (err)
		return err;
	for (unsigned int i = 1; i <= setup.drives; i++) {
		sg_setup_drive(&setup, i, 0);
		topo->slots[i - 1].no_power = true;
		by_slot[i - 1] = sg_rng_range(&setup.rng, 0, 1);
	}
	sg_setup_numbers(&setup, order, 1, setup.drives);
	all = sg_list(order, setup.drives);
	sg_plan_add(plan, "modules vfio stub");
	sg_plan_add(plan, "slotgate");
	sg_plan_add(plan, "vfio%s", all.text);
	sg_plan_add(plan, "reset-method bus,flr%s", all.text);
	sg_plan_add(plan, "owner o1 linger=never mark=%u%s",
		    sg_rng_range(&setup.rng, 1, 0xffffff), all.text);
	take_away(&setup, order, by_slot);
	bring_back(&setup, order, by_slot);
	sg_plan_add(plan, "await present %d%s", VERDICT_SECONDS, all.text);
	sg_plan_add(plan, "bind pci-stub%s", all.text);
	sg_plan_add(plan, "unmarked%s", all.text);
	return plan->err;
}
