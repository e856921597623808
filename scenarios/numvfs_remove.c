// SPDX-License-Identifier: GPL-2.0-only
/*
 * numvfs_remove.c - a device is removed while its virtual functions are changed
 *
 * As in rescan_remove.c, an owner that does not let go of the drive in slot 1
 * keeps the rescan/remove lock on a stock kernel.  Behind it queue a removal of
 * the physical function in slot 2, and then a writer to its sriov_numvfs, who
 * has the device lock by then.  When the owner lets go, the removal comes first
 * and wants the device lock.
 *
 * In half of the seeds a virtual function is there already and has an owner too,
 * which lets go in the end only: with early unbind the removal is then under way
 * when the writer comes.
 */
#include "common.h"

#define HELPER 1
#define VICTIM 2
#define FUNCTIONS 4

static const char *const removals[] = {
	"write r {2}/remove 1", "off r 2", "write r {port 2}/remove 1",
};

static void collide(struct sg_setup *setup, unsigned int text)
{
	unsigned int i = sg_rng_range(&setup->rng, 0, sizeof(removals) / sizeof(removals[0]) - 1);

	sg_plan_add(setup->plan, "off fh %d", HELPER);
	sg_plan_add(setup->plan, "await-asked %d 1 h", READY_SECONDS);
	sg_setup_gap(setup);
	sg_plan_add(setup->plan, "%s", removals[i]);
	sg_plan_add(setup->plan, "await-busy %d r", READY_SECONDS);
	if (removals[i][0] == 'o')
		sg_plan_add(setup->plan, "await-busy %d %d", READY_SECONDS, VICTIM);
	sg_plan_add(setup->plan, "write w {%d}/sriov_numvfs %u", VICTIM, text);
	sg_plan_add(setup->plan, "await-busy %d w", READY_SECONDS);
	sg_setup_gap(setup);
	sg_plan_add(setup->plan, "release h");
}

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan);

const struct sg_scenario sg_scenario_numvfs_remove = {
	.name = "numvfs-remove",
	.summary = "a device is removed while its virtual functions are changed",
	.cycle = "writer of sriov_numvfs: device lock -> rescan/remove lock; removal: "
		 "rescan/remove lock -> device lock",
	.hangs_on = "6.1 6.12 7.2",
	.drives = { 2, 2 },
	.describe = describe,
};

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan)
{
	struct sg_setup setup;
	unsigned int functions;
	bool owned;
	int err = sg_setup_init(&setup, &sg_scenario_numvfs_remove, params, topo, plan, 2, 2);

	if (err)
		return err;
	sg_setup_drive(&setup, HELPER, 0);
	sg_setup_sriov(&setup, VICTIM, FUNCTIONS);
	owned = sg_rng_range(&setup.rng, 0, 1);
	functions = sg_rng_range(&setup.rng, 1, FUNCTIONS);
	sg_setup_modules(&setup);
	sg_plan_add(plan, "vfio %d", HELPER);
	sg_plan_add(plan, "owner h linger=never %d", HELPER);
	if (owned) {
		sg_setup_functions(&setup, VICTIM, functions);
		sg_plan_add(plan, "owner o1 linger=never %dv%u", VICTIM, functions - 1);
	}
	collide(&setup, owned ? 0 : functions);
	sg_setup_gap(&setup);
	if (owned)
		sg_plan_add(plan, "release o1");
	sg_plan_add(plan, "join %d", VERDICT_SECONDS);
	sg_plan_add(plan, "await absent %d %d %d", VERDICT_SECONDS, HELPER, VICTIM);
	return plan->err;
}
