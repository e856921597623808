// SPDX-License-Identifier: GPL-2.0-only
/*
 * nested_ports.c - a switch is pulled, and so is a drive below it
 *
 * Slot 1 holds a drive whose owner does not let go: on a stock kernel its
 * removal keeps the rescan/remove lock for as long as the plan wants.  Behind
 * it queue, in this order, the removal of the switch in slot 2 and the
 * removals of slots below it.  When the owner lets go, the switch comes first:
 * it removes ports whose `power` files have a writer inside, which waits for
 * an interrupt thread, which waits for the lock.
 *
 * In two of three seeds the drives below have an owner as well, which lets go
 * only in the end: with early unbind both removals then wait for it at once.
 */
#include "common.h"

#define HELPER 1
#define SWITCH 2
#define FIRST 3

static void pull(struct sg_setup *setup, const unsigned int *below, unsigned int count)
{
	struct sg_list list = sg_list(below, count);

	sg_plan_add(setup->plan, "off fh %d", HELPER);
	sg_plan_add(setup->plan, "await-asked %d 1 h", READY_SECONDS);
	sg_setup_gap(setup);
	sg_plan_add(setup->plan, "off fs %d", SWITCH);
	sg_plan_add(setup->plan, "await-busy %d %d", READY_SECONDS, SWITCH);
	for (unsigned int i = 0; i < count; i++) {
		sg_plan_add(setup->plan, "off f%u %u", below[i], below[i]);
		sg_setup_gap(setup);
	}
	sg_plan_add(setup->plan, "await-busy %d%s", READY_SECONDS, list.text);
	sg_plan_add(setup->plan, "release h");
}

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan);

const struct sg_scenario sg_scenario_nested_ports = {
	.name = "nested-ports",
	.summary = "a switch is pulled, and so is a drive below it",
	.cycle = "removal of the switch: rescan/remove lock -> nobody is inside the inner slot's "
		 "power file; its writer -> the inner slot's interrupt thread; that thread -> "
		 "rescan/remove lock",
	.hangs_on = "5.10 6.1 6.12 7.2",
	.drives = { 2, 16 },
	.describe = describe,
};

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan)
{
	unsigned int below[SG_DRIVES_MAX], count;
	struct sg_setup setup;
	struct sg_list all;
	bool owned;
	int err = sg_setup_init(&setup, &sg_scenario_nested_ports, params, topo, plan, 2, 5);

	if (err)
		return err;
	count = setup.drives - 1;
	sg_setup_drive(&setup, HELPER, 0);
	sg_setup_switch(&setup, SWITCH);
	for (unsigned int i = 0; i < count; i++)
		sg_setup_drive(&setup, FIRST + i, SWITCH);
	sg_setup_numbers(&setup, below, FIRST, count);
	owned = sg_rng_range(&setup.rng, 0, 2);
	all = sg_list(below, count);
	sg_setup_modules(&setup);
	sg_plan_add(plan, "events");
	sg_plan_add(plan, "vfio %d%s", HELPER, owned ? all.text : "");
	sg_plan_add(plan, "owner h linger=never %d", HELPER);
	if (owned)
		sg_plan_add(plan, "owner o1 linger=never%s", all.text);
	pull(&setup, below, sg_rng_range(&setup.rng, 1, count));
	sg_setup_gap(&setup);
	if (owned)
		sg_plan_add(plan, "release o1");
	sg_plan_add(plan, "join %u", VERDICT_SECONDS + 2 * setup.drives);
	sg_plan_add(plan, "await absent %d %d %d%s", VERDICT_SECONDS, HELPER, SWITCH, all.text);
	return plan->err;
}
