// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio_close_any.c - a drive is removed by somebody else than its slot while it is reset
 *
 * The cycle of vfio_close.c with other parts taken: whoever removes the drive
 * has the rescan/remove lock (`remove` of the drive or of its port, or the slot
 * of the switch that it sits below), and whoever resets it has its device lock
 * (its owner, which is killed, or a writer to `reset`).
 *
 * As in nested_ports.c, an owner that does not let go of the drive in slot 1
 * keeps the rescan/remove lock on a stock kernel.  Behind it queue, in this
 * order, the removal and the victim's own interrupt thread, which has its
 * slot's reset lock.  Then the reset takes the device lock and waits for the
 * reset lock.  When the first owner lets go, the removal comes first.
 */
#include "common.h"

#define HELPER 1
#define SWITCH 2
#define VICTIM 3
#define FIRST_OTHER 4

static const struct holder {
	const char *removal;
	const char *busy;	/* who then waits for the rescan/remove lock */
	bool below_switch;
} holders[] = {
	{ "write r {3}/remove 1", "r", false },
	{ "write r {port 3}/remove 1", "r", false },
	{ "off r 2", "2", true },
};

static void reset(struct sg_setup *setup, bool by_owner)
{
	if (by_owner) {
		sg_plan_add(setup->plan, "kill o1");
		sg_plan_add(setup->plan, "await-busy %d o1", READY_SECONDS);
	} else {
		sg_plan_add(setup->plan, "write t {%d}/reset 1", VICTIM);
		sg_plan_add(setup->plan, "await-busy %d t", READY_SECONDS);
	}
}

static void collide(struct sg_setup *setup, const struct holder *holder, bool by_owner)
{
	sg_plan_add(setup->plan, "off fh %d", HELPER);
	sg_plan_add(setup->plan, "await-asked %d 1 h", READY_SECONDS);
	sg_setup_gap(setup);
	sg_plan_add(setup->plan, "%s", holder->removal);
	sg_plan_add(setup->plan, "await-busy %d %s", READY_SECONDS, holder->busy);
	sg_setup_gap(setup);
	sg_plan_add(setup->plan, "off f %d", VICTIM);
	sg_plan_add(setup->plan, "await-busy %d %d", READY_SECONDS, VICTIM);
	sg_setup_gap(setup);
	reset(setup, by_owner);
	sg_setup_gap(setup);
	sg_plan_add(setup->plan, "release h");
}

/* The owner opens the victim last, and so closes it first. */
static void describe_owner(struct sg_setup *setup, unsigned int others)
{
	unsigned int drives[SG_DRIVES_MAX];
	struct sg_list list;

	sg_setup_numbers(setup, drives, FIRST_OTHER, others);
	drives[others] = VICTIM;
	list = sg_list(drives, others + 1);
	sg_plan_add(setup->plan, "vfio%s", list.text);
	sg_plan_add(setup->plan, "owner o1 linger=never%s", list.text);
}

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan);

const struct sg_scenario sg_scenario_vfio_close_any = {
	.name = "vfio-close-any",
	.summary = "a drive is removed by sysfs or with its parent while it is reset",
	.cycle = "removal, by anyone: rescan/remove lock -> device lock of a; reset, by anyone: "
		 "device lock of a -> slot a's reset lock; slot a's interrupt thread: slot a's "
		 "reset lock -> rescan/remove lock",
	.hangs_on = "5.10 6.1 6.12 7.2",
	.drives = { 2, 16 },
	.describe = describe,
};

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan)
{
	const struct holder *holder;
	struct sg_setup setup;
	bool by_owner;
	int err = sg_setup_init(&setup, &sg_scenario_vfio_close_any, params, topo, plan, 2, 4);

	if (err)
		return err;
	holder = &holders[sg_rng_range(&setup.rng, 0, sizeof(holders) / sizeof(holders[0]) - 1)];
	by_owner = sg_rng_range(&setup.rng, 0, 1);
	sg_setup_drive(&setup, HELPER, 0);
	if (holder->below_switch)
		sg_setup_switch(&setup, SWITCH);
	sg_setup_drive(&setup, VICTIM, holder->below_switch ? SWITCH : 0);
	topo->slots[topo->nslots - 1].slot_reset = true;
	for (unsigned int i = 0; i < setup.drives - 2; i++)
		sg_setup_drive(&setup, FIRST_OTHER + i, 0);
	sg_setup_modules(&setup);
	sg_plan_add(plan, "vfio %d", HELPER);
	sg_plan_add(plan, "owner h linger=never %d", HELPER);
	sg_plan_add(plan, "reset-method bus %d", VICTIM);
	if (by_owner)
		describe_owner(&setup, setup.drives - 2);
	collide(&setup, holder, by_owner);
	sg_plan_add(plan, "join %u", VERDICT_SECONDS + setup.drives);
	sg_plan_add(plan, "await absent %d %d %d", VERDICT_SECONDS, HELPER, VICTIM);
	return plan->err;
}
