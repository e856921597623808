// SPDX-License-Identifier: GPL-2.0-only
/*
 * slot_mutex.c - a link error is recovered from while a drive is plugged
 *
 * As in nested_ports.c, an owner that does not let go of the drive in slot 1
 * keeps the rescan/remove lock on a stock kernel.  The thread of slot 2 wants
 * to add a drive and queues for that lock with its own reset lock held.  Then
 * the bus below slot 2's port is reset, which takes the slot mutex and waits
 * for the reset lock.  When the owner lets go, slot 2's thread goes on, adds
 * the drive, and for that wants the slot mutex.
 *
 * The reset is error recovery's, or on kernels that have the file (6.12, 7.2; the
 * slot mutex is taken there in 7.2 only) a write to reset_subordinate.
 *
 * There is no nvme driver: 5.10's, and 6.1's on the slow kernel line debug, hang
 * over an error that comes while they set up their drive, with no lock of this
 * row, and with slotgate the drive is there.
 */
#include "common.h"

#define HELPER 1
#define VICTIM 2

static void plug_and_reset(struct sg_setup *setup, const char *reset, const char *resetter)
{
	sg_plan_add(setup->plan, "vfio %d", HELPER);
	sg_plan_add(setup->plan, "owner h linger=never %d", HELPER);
	sg_plan_add(setup->plan, "off f %d", VICTIM);
	sg_plan_add(setup->plan, "join %d f", READY_SECONDS);
	sg_plan_add(setup->plan, "await absent %d %d", READY_SECONDS, VICTIM);
	sg_plan_add(setup->plan, "off fh %d", HELPER);
	sg_plan_add(setup->plan, "await-asked %d 1 h", READY_SECONDS);
	sg_plan_add(setup->plan, "plug %d", VICTIM);
	/* its thread waits, or has added the drive already */
	sg_plan_add(setup->plan, "await-busy %d plug:%d", READY_SECONDS, VICTIM);
	sg_setup_gap(setup);
	sg_plan_add(setup->plan, "%s", reset);
	sg_plan_add(setup->plan, "await-busy %d %s", READY_SECONDS, resetter);
	sg_setup_gap(setup);
	sg_plan_add(setup->plan, "release h");
	sg_plan_add(setup->plan, "join %d", VERDICT_SECONDS);
	sg_plan_add(setup->plan, "await absent %d %d", VERDICT_SECONDS, HELPER);
	sg_plan_add(setup->plan, "await present %d %d", VERDICT_SECONDS, VICTIM);
}

static int describe(const struct sg_scenario *scenario, const struct sg_params *params,
		    struct sg_topology *topo, struct sg_plan *plan, const char *reset,
		    const char *resetter)
{
	struct sg_setup setup;
	int err = sg_setup_init(&setup, scenario, params, topo, plan, 2, 4);

	if (err)
		return err;
	for (unsigned int i = 1; i <= setup.drives; i++)
		sg_setup_drive(&setup, i, 0);
	sg_plan_add(plan, "modules errors");
	sg_setup_vfio(&setup);
	plug_and_reset(&setup, reset, resetter);
	return plan->err;
}

static int describe_error(const struct sg_params *params, struct sg_topology *topo,
			  struct sg_plan *plan);
static int describe_write(const struct sg_params *params, struct sg_topology *topo,
			  struct sg_plan *plan);

const struct sg_scenario sg_scenario_slot_mutex = {
	.name = "slot-mutex",
	.summary = "a link error is recovered from while a drive is plugged",
	.cycle = "plugging: slot's reset lock -> slot mutex; error recovery: slot mutex -> "
		 "slot's reset lock",
	.hangs_on = "5.10 6.1 6.12 7.2",
	.drives = { 2, 16 },
	.describe = describe_error,
};

const struct sg_scenario sg_scenario_slot_mutex_write = {
	.name = "slot-mutex-write",
	.summary = "the bus below a slot's port is reset while a drive is plugged",
	.cycle = "plugging: slot's reset lock -> slot mutex; reset_subordinate: slot mutex -> "
		 "slot's reset lock",
	.hangs_on = "7.2",
	.drives = { 2, 16 },
	.describe = describe_write,
};

static int describe_error(const struct sg_params *params, struct sg_topology *topo,
			  struct sg_plan *plan)
{
	return describe(&sg_scenario_slot_mutex, params, topo, plan, "inject fatal 2",
			"error:2");
}

static int describe_write(const struct sg_params *params, struct sg_topology *topo,
			  struct sg_plan *plan)
{
	return describe(&sg_scenario_slot_mutex_write, params, topo, plan,
			"write w {port 2}/reset_subordinate 1", "w");
}
