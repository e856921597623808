// SPDX-License-Identifier: GPL-2.0-only
/*
 * second_owner.c - what the first owner left in a drive, the second must not see
 *
 * The slots have no power controller, so a drive that is switched off and on
 * again, or removed and found again, is the same drive in the same state.  Its
 * owner leaves a mark in it and ends while it is being removed, or while its
 * driver is being unbound.  vfio cannot reset it then, as its device lock is
 * taken, and a stock kernel forgets it.  slotgate makes up for it before anybody
 * else gets the drive.
 *
 * Who gets it is another driver, which does not reset what it takes, or, for
 * some drives, a second owner through vfio, which looks at the drive itself.
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
	.describe = describe,
};

enum way { BY_SLOT, BY_REMOVE, BY_UNBIND, NWAYS };

/* Stock takes one after the other. */
static void take_away(struct sg_setup *setup, const unsigned int *order, const enum way *ways)
{
	static const char *const lines[] = {
		[BY_SLOT] = "off f%u %u",
		[BY_REMOVE] = "write r%u {%u}/remove 1",
		[BY_UNBIND] = "write u%u {%u}/driver/unbind {%u}",
	};

	for (unsigned int i = 0; i < setup->drives; i++) {
		sg_plan_add(setup->plan, lines[ways[i]], order[i], order[i], order[i]);
		sg_setup_gap(setup);
	}
	sg_plan_add(setup->plan, "await-asked %d 1 o1", READY_SECONDS);
	sg_plan_add(setup->plan, sg_rng_range(&setup->rng, 0, 1) ? "kill o1" : "release o1");
	sg_plan_add(setup->plan, "join %u", VERDICT_SECONDS + 2 * setup->drives);
}

static void bring_back(struct sg_setup *setup, const unsigned int *order, const enum way *ways)
{
	struct sg_list all = sg_list(order, setup->drives);

	for (unsigned int i = 0; i < setup->drives; i++)
		if (ways[i] == BY_SLOT)
			sg_plan_add(setup->plan, "on n%u %u", order[i], order[i]);
	sg_plan_add(setup->plan, "write s /sys/bus/pci/rescan 1");
	sg_plan_add(setup->plan, "join %u", VERDICT_SECONDS + 2 * setup->drives);
	sg_plan_add(setup->plan, "await present %d%s", VERDICT_SECONDS, all.text);
}

/* At least one goes to a driver that does not reset it. */
static void pass_on(struct sg_setup *setup, const unsigned int *order)
{
	unsigned int count = sg_rng_range(&setup->rng, 1, setup->drives);
	struct sg_list stub = sg_list(order, count);
	struct sg_list vfio = sg_list(order + count, setup->drives - count);

	sg_plan_add(setup->plan, "bind pci-stub%s", stub.text);
	sg_plan_add(setup->plan, "unmarked%s", stub.text);
	if (count == setup->drives)
		return;
	sg_plan_add(setup->plan, "vfio%s", vfio.text);
	sg_plan_add(setup->plan, "owner o2 linger=0 clean%s", vfio.text);
	sg_plan_add(setup->plan, "release o2");
	sg_plan_add(setup->plan, "join %d o2", VERDICT_SECONDS);
}

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan)
{
	unsigned int order[SG_DRIVES_MAX];
	enum way ways[SG_DRIVES_MAX] = { BY_SLOT };
	struct sg_setup setup;
	struct sg_list all;
	int err = sg_setup_init(&setup, &sg_scenario_second_owner, params, topo, plan, 1, 4);

	if (err)
		return err;
	for (unsigned int i = 1; i <= setup.drives; i++) {
		sg_setup_drive(&setup, i, 0);
		topo->slots[i - 1].no_power = true;
		ways[i - 1] = sg_rng_range(&setup.rng, 0, NWAYS - 1);
	}
	sg_setup_numbers(&setup, order, 1, setup.drives);
	all = sg_list(order, setup.drives);
	sg_plan_add(plan, "modules vfio stub");
	sg_plan_add(plan, "slotgate");
	sg_plan_add(plan, "vfio%s", all.text);
	sg_plan_add(plan, "reset-method bus,flr%s", all.text);
	sg_plan_add(plan, "owner o1 linger=never mark=%u%s",
		    sg_rng_range(&setup.rng, 1, 0xffffff), all.text);
	take_away(&setup, order, ways);
	bring_back(&setup, order, ways);
	pass_on(&setup, order);
	return plan->err;
}
