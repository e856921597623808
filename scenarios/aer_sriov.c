// SPDX-License-Identifier: GPL-2.0-only
/*
 * aer_sriov.c - an error is reported while virtual functions are switched on
 *
 * As in nested_ports.c, an owner that does not let go of the drive in slot 1
 * keeps the rescan/remove lock on a stock kernel.  Whoever switches on virtual
 * functions of the drive in slot 2 queues for it with that drive's device lock
 * held.  Then slot 2's port reports an error: recovery walks all that is below,
 * and waits for the device lock with the bus list semaphore held.  When the
 * owner lets go, the removal of its drive wants the semaphore for writing.  So
 * would the virtual functions, had they the rescan/remove lock.
 */
#include "common.h"

#define HELPER 1
#define VICTIM 2
#define VFS 2

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan);

const struct sg_scenario sg_scenario_aer_sriov = {
	.name = "aer-sriov",
	.summary = "an error is reported while virtual functions are switched on",
	.cycle = "error recovery: bus list semaphore -> device lock; sriov_numvfs: device lock -> "
		 "rescan/remove lock; removal: rescan/remove lock -> bus list semaphore",
	.hangs_on = "6.1 6.12 7.2",
	.drives = { 2, 8 },
	.describe = describe,
};

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan)
{
	struct sg_setup setup;
	int err = sg_setup_init(&setup, &sg_scenario_aer_sriov, params, topo, plan, 2, 3);

	if (err)
		return err;
	for (unsigned int i = 1; i <= setup.drives; i++)
		sg_setup_drive(&setup, i, 0);
	topo->slots[VICTIM - 1].max_vfs = VFS;
	sg_plan_add(plan, "modules errors");
	sg_setup_modules(&setup);
	/* they only have to be there */
	sg_plan_add(plan, "write a {%d}/sriov_drivers_autoprobe 0", VICTIM);
	sg_plan_add(plan, "join %d a", READY_SECONDS);
	sg_plan_add(plan, "vfio %d", HELPER);
	sg_plan_add(plan, "owner h linger=never %d", HELPER);
	sg_plan_add(plan, "off fh %d", HELPER);
	sg_plan_add(plan, "await-asked %d 1 h", READY_SECONDS);
	sg_setup_gap(&setup);
	sg_plan_add(plan, "write n {%d}/sriov_numvfs %d", VICTIM, VFS);
	sg_plan_add(plan, "await-busy %d n", READY_SECONDS);
	sg_setup_gap(&setup);
	sg_plan_add(plan, "inject nonfatal %d", VICTIM);
	sg_plan_add(plan, "await-busy %d error:%d", READY_SECONDS, VICTIM);
	sg_setup_gap(&setup);
	sg_plan_add(plan, "release h");
	sg_plan_add(plan, "join %d", VERDICT_SECONDS);
	sg_plan_add(plan, "await absent %d %d", VERDICT_SECONDS, HELPER);
	return plan->err;
}
