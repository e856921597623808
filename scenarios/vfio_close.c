// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio_close.c - an owner of several drives is killed while they are pulled
 *
 * The first slot switched off (b) makes its interrupt thread wait for the
 * owner, under the rescan/remove lock.  The threads of the other slots queue
 * for that lock with their own slot's reset lock held.  When the owner is
 * killed it closes its drives, the last opened first; closing resets the
 * drive, and the reset wants the slot's reset lock.
 *
 * Order comes from events, not from pauses: b is awaited until its owner was
 * asked, the others until their threads wait.  The drive that was opened last
 * is always among the others, so the first close meets a held lock.
 *
 * The drives have no other reset than that of their slot: a function-level
 * reset, which 5.10 would take where there is one, does not come to its lock.
 */
#include "common.h"

static void place(unsigned int *values, unsigned int count, unsigned int value, unsigned int at)
{
	for (unsigned int i = 0; i < count; i++) {
		if (values[i] != value)
			continue;
		values[i] = values[at];
		values[at] = value;
		return;
	}
}

static void pull(struct sg_setup *setup, const unsigned int *off, unsigned int count)
{
	struct sg_list others = sg_list(off + 1, count - 1);

	sg_plan_add(setup->plan, "off f%u %u", off[0], off[0]);
	sg_plan_add(setup->plan, "await-asked %d 1 o1", READY_SECONDS);
	for (unsigned int i = 1; i < count; i++) {
		sg_setup_gap(setup);
		sg_plan_add(setup->plan, "off f%u %u", off[i], off[i]);
	}
	sg_plan_add(setup->plan, "await-busy %d%s", READY_SECONDS, others.text);
	sg_setup_gap(setup);
	sg_plan_add(setup->plan, "kill o1");
	sg_plan_add(setup->plan, "join %u", VERDICT_SECONDS + setup->drives);
}

static void pull_rest(struct sg_setup *setup, const unsigned int *rest, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		sg_plan_add(setup->plan, "off f%u %u", rest[i], rest[i]);
	if (count)
		sg_plan_add(setup->plan, "join %u", VERDICT_SECONDS + 2 * count);
}

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan);

const struct sg_scenario sg_scenario_vfio_close = {
	.name = "vfio-close",
	.summary = "the owner of several drives is killed while they are pulled",
	.cycle = "removal of a: slot a's reset lock -> rescan/remove lock; removal of b: "
		 "rescan/remove lock -> owner closes b; owner's exit: device lock of a -> "
		 "slot a's reset lock",
	.hangs_on = "5.10 6.1 6.12 7.2",
	.drives = { 2, SG_DRIVES_MAX },
	.describe = describe,
};

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan)
{
	unsigned int open[SG_DRIVES_MAX], off[SG_DRIVES_MAX], count;
	struct sg_setup setup;
	struct sg_list all;
	int err = sg_setup_init(&setup, &sg_scenario_vfio_close, params, topo, plan, 3, 8);

	if (err)
		return err;
	for (unsigned int i = 1; i <= setup.drives; i++) {
		sg_setup_drive(&setup, i, 0);
		topo->slots[i - 1].slot_reset = true;
	}
	sg_setup_numbers(&setup, open, 1, setup.drives);
	sg_setup_numbers(&setup, off, 1, setup.drives);
	count = sg_rng_range(&setup.rng, 2, setup.drives);
	if (off[0] == open[setup.drives - 1])
		place(open, setup.drives, off[0], 0);
	place(off, setup.drives, open[setup.drives - 1], sg_rng_range(&setup.rng, 1, count - 1));
	all = sg_list(open, setup.drives);
	sg_setup_modules(&setup);
	sg_plan_add(plan, "events");
	sg_plan_add(plan, "vfio%s", all.text);
	sg_plan_add(plan, "reset-method bus%s", all.text);
	sg_plan_add(plan, "owner o1 linger=never%s", all.text);
	pull(&setup, off, count);
	pull_rest(&setup, off + count, setup.drives - count);
	sg_plan_add(plan, "await absent %d%s", VERDICT_SECONDS, all.text);
	return plan->err;
}
