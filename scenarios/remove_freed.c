// SPDX-License-Identifier: GPL-2.0-only
/*
 * remove_freed.c - a drive's `remove` is written to while somebody else removes it
 *
 * The writer leaves its file before it waits for the rescan/remove lock, so that the
 * file can be removed with the drive; from then on nothing keeps the drive for it.
 * Whoever gets the lock first frees what the writer then goes on to stop and remove.
 *
 * Both have to wait first: somebody finds another drive, with that lock held, whose
 * driver takes its time.  Freed memory is overwritten in this machine, as it is
 * sooner or later in any.
 */
#include "common.h"

#define FOUND 1		/* drive whose driver takes its time */
#define VICTIM 2

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan);

const struct sg_scenario sg_scenario_remove_freed = {
	.name = "remove-freed",
	.summary = "a drive's remove is written to while somebody else removes it",
	.cycle = "none: the writer goes on to use the device that the other removal has freed",
	.hangs_on = "5.10 6.1 6.12 7.2",
	.drives = { 2, 2 },
	.describe = describe,
};

/* Removing the port takes along what is below it. */
static void remove_twice(struct sg_setup *setup)
{
	if (sg_rng_range(&setup->rng, 0, 1)) {
		sg_plan_add(setup->plan, "off f %d", VICTIM);
		sg_plan_add(setup->plan, "await-busy %d %d", READY_SECONDS, VICTIM);
	} else {
		sg_plan_add(setup->plan, "write f {port %d}/remove 1", VICTIM);
		sg_plan_add(setup->plan, "await-busy %d f", READY_SECONDS);
	}
	sg_setup_gap(setup);
	sg_plan_add(setup->plan, "write r {%d}/remove 1", VICTIM);
	sg_plan_add(setup->plan, "await-busy %d r", READY_SECONDS);
}

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan)
{
	struct sg_setup setup;
	int err = sg_setup_init(&setup, &sg_scenario_remove_freed, params, topo, plan, 2, 2);

	if (err)
		return err;
	topo->poison = true;
	sg_setup_drive(&setup, FOUND, 0);
	sg_setup_drive(&setup, VICTIM, 0);
	sg_setup_vfio(&setup);
	sg_plan_add(plan, "vfio %d", VICTIM);
	sg_setup_hold_up(&setup, FOUND);
	remove_twice(&setup);
	sg_setup_go_on(&setup);
	sg_plan_add(plan, "join %d", VERDICT_SECONDS);
	sg_plan_add(plan, "await absent %d %d", VERDICT_SECONDS, VICTIM);
	return plan->err;
}
