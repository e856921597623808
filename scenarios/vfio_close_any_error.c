// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio_close_any_error.c - a drive is pulled and removed while its link recovers
 *
 * As in nested_ports.c, an owner that does not let go of the drive in slot 1
 * keeps the rescan/remove lock on a stock kernel.  Behind it queue a removal of
 * the drive in slot 2 through sysfs, and then the thread of slot 2, with its own
 * reset lock held.  Then slot 2's port reports an error: recovery takes the
 * drive's device lock and waits for the reset lock.  When the owner lets go, the
 * removal comes first and wants the drive's device lock.
 */
#include "common.h"

#define HELPER 1
#define VICTIM 2

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan);

const struct sg_scenario sg_scenario_vfio_close_any_error = {
	.name = "vfio-close-any-error",
	.summary = "a drive is pulled and removed while its link recovers from an error",
	.cycle = "removal by the slot: its reset lock -> rescan/remove lock; removal through "
		 "sysfs: rescan/remove lock -> device lock; error recovery: device lock -> the "
		 "slot's reset lock",
	.hangs_on = "5.10 6.1 6.12 7.2",
	.drives = { 2, 16 },
	.describe = describe,
};

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan)
{
	struct sg_setup setup;
	int err = sg_setup_init(&setup, &sg_scenario_vfio_close_any_error, params, topo, plan, 2,
				4);

	if (err)
		return err;
	for (unsigned int i = 1; i <= setup.drives; i++)
		sg_setup_drive(&setup, i, 0);
	sg_plan_add(plan, "modules errors");
	sg_setup_modules(&setup);
	sg_plan_add(plan, "vfio %d", HELPER);
	sg_plan_add(plan, "owner h linger=never %d", HELPER);
	sg_plan_add(plan, "off fh %d", HELPER);
	sg_plan_add(plan, "await-asked %d 1 h", READY_SECONDS);
	sg_plan_add(plan, "write r {%d}/remove 1", VICTIM);
	sg_plan_add(plan, "await-busy %d r", READY_SECONDS);
	sg_plan_add(plan, "off fv %d", VICTIM);
	sg_plan_add(plan, "await-busy %d %d", READY_SECONDS, VICTIM);
	sg_setup_gap(&setup);
	sg_plan_add(plan, "inject fatal %d", VICTIM);
	sg_plan_add(plan, "await-busy %d error:%d", READY_SECONDS, VICTIM);
	sg_setup_gap(&setup);
	sg_plan_add(plan, "release h");
	sg_plan_add(plan, "join %d", VERDICT_SECONDS);
	sg_plan_add(plan, "await absent %d %d %d", VERDICT_SECONDS, HELPER, VICTIM);
	return plan->err;
}
