// SPDX-License-Identifier: GPL-2.0-only
/*
 * numvfs_read.c - an owner that is asked for its device reads sriov_numvfs first
 *
 * Whoever unbinds the driver waits for the owner with the device lock held, and
 * the kernel takes that lock to read the file.  The owner cannot be killed then.
 *
 * One event orders all: the owner reads because it is asked.  What it does after
 * is up to the seed: let go, or be killed.
 */
#include "common.h"

#define VICTIM 1
#define FUNCTIONS 4

static const char *const removals[] = {
	"write r {1}/remove 1", "off r 1", "write r {port 1}/remove 1",
	"write r {1}/driver/unbind {1}",
};

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan);

const struct sg_scenario sg_scenario_numvfs_read = {
	.name = "numvfs-read",
	.summary = "an owner that is asked for its device reads sriov_numvfs first",
	.cycle = "unbinding: device lock -> owner closes the device; owner: reads sriov_numvfs "
		 "-> device lock",
	.hangs_on = "5.10 6.1 6.12 7.2",
	.drives = { 1, 1 },
	.describe = describe,
};

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan)
{
	struct sg_setup setup;
	bool killed;
	int err = sg_setup_init(&setup, &sg_scenario_numvfs_read, params, topo, plan, 1, 1);

	if (err)
		return err;
	sg_setup_sriov(&setup, VICTIM, FUNCTIONS);
	sg_setup_modules(&setup);
	killed = sg_rng_range(&setup.rng, 0, 1);
	sg_plan_add(plan, "vfio %d", VICTIM);
	sg_plan_add(plan, "owner o1 linger=%s reads=sriov_numvfs %d", killed ? "never" : "0",
		    VICTIM);
	sg_plan_add(plan, "%s", removals[sg_rng_range(&setup.rng, 0, sizeof(removals) /
						      sizeof(removals[0]) - 1)]);
	sg_plan_add(plan, "await-asked %d 1 o1", READY_SECONDS);
	sg_setup_gap(&setup);
	if (killed)
		sg_plan_add(plan, "kill o1");
	sg_plan_add(plan, "join %d", VERDICT_SECONDS);
	return plan->err;
}
