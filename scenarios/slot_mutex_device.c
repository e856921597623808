// SPDX-License-Identifier: GPL-2.0-only
/*
 * slot_mutex_device.c - a link error is recovered from while its port is unbound
 *
 * Slot 2 holds a switch; the drive in slot 11 is below one of its downstream
 * ports.  As in nested_ports.c, an owner that does not let go of the drive in
 * slot 1 keeps the rescan/remove lock on a stock kernel.  The thread of slot 11
 * queues for it.  Then the driver of slot 11's port is unbound: with the port's
 * device lock held it waits for that thread.  Then the port reports an error,
 * and the root port's thread, which recovers from it, takes the slot mutex and
 * waits for the port's device lock.  When the owner lets go, slot 11's thread
 * comes to its end, and the unbinding goes on to the slot mutex.
 */
#include "common.h"

#define HELPER 1
#define SWITCH 2
#define VICTIM 11

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan);

const struct sg_scenario sg_scenario_slot_mutex_device = {
	.name = "slot-mutex-device",
	.summary = "a link error is recovered from while its port is unbound",
	.cycle = "error recovery: slot mutex -> port's device lock; unbinding the port: its "
		 "device lock -> slot mutex",
	.hangs_on = "6.1 6.12 7.2",
	.drives = { 2, 8 },
	.describe = describe,
};

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan)
{
	struct sg_setup setup;
	int err = sg_setup_init(&setup, &sg_scenario_slot_mutex_device, params, topo, plan, 2, 3);

	if (err)
		return err;
	sg_setup_drive(&setup, HELPER, 0);
	sg_setup_switch(&setup, SWITCH);
	for (unsigned int i = 0; i + 1 < setup.drives; i++)
		sg_setup_drive(&setup, VICTIM + i, SWITCH);
	sg_plan_add(plan, "modules errors");
	sg_setup_modules(&setup);
	sg_plan_add(plan, "vfio %d", HELPER);
	sg_plan_add(plan, "owner h linger=never %d", HELPER);
	sg_plan_add(plan, "off fh %d", HELPER);
	sg_plan_add(plan, "await-asked %d 1 h", READY_SECONDS);
	sg_plan_add(plan, "off fv %d", VICTIM);
	sg_plan_add(plan, "await-busy %d %d", READY_SECONDS, VICTIM);
	sg_setup_gap(&setup);
	sg_plan_add(plan, "write u {port %d}/driver/unbind {port %d}", VICTIM, VICTIM);
	sg_plan_add(plan, "await-busy %d u", READY_SECONDS);
	sg_setup_gap(&setup);
	sg_plan_add(plan, "inject fatal %d", VICTIM);
	sg_plan_add(plan, "await-busy %d error:%d", READY_SECONDS, VICTIM);
	sg_setup_gap(&setup);
	sg_plan_add(plan, "release h");
	sg_plan_add(plan, "join %d", VERDICT_SECONDS);
	sg_plan_add(plan, "await absent %d %d %d", VERDICT_SECONDS, HELPER, VICTIM);
	return plan->err;
}
