// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio_igate.c - an error is reported while an owner sets up a drive
 *
 * Two drives sit below a switch.  The first, which has no driver, vanishes and
 * is then reset: the reset waits for it to answer, with its device lock held.
 * Now there is an error above the switch.  Recovery walks the devices below
 * with the bus list semaphore held, and has to wait at the first drive.  A third
 * drive, elsewhere, is removed: that wants the semaphore as writer, and who comes
 * later as reader queues behind it.  So does the owner of the second drive, as
 * it puts that to sleep, with vfio's memory_lock of it held; another thread of
 * the owner sets up an interrupt, and waits for that lock with igate held.  Then
 * the first drive is put back and answers.  Recovery comes to the second, whose
 * handler of errors in vfio wants igate.
 *
 * On 5.10 the power state is changed without memory_lock: it passes there.
 */
#include "common.h"

#define SWITCH 1
#define OTHER 2
#define GONE 3
#define OWNED 4

static void line_up(struct sg_setup *setup)
{
	sg_plan_add(setup->plan, "yank %d", GONE);
	sg_plan_add(setup->plan, "write t {%d}/reset 1", GONE);
	sg_plan_add(setup->plan, "await-busy %d t", READY_SECONDS);
	sg_plan_add(setup->plan, "inject nonfatal %d", SWITCH);
	sg_plan_add(setup->plan, "await-busy %d error:%d", READY_SECONDS, SWITCH);
	sg_setup_gap(setup);
	sg_plan_add(setup->plan, "write r {%d}/remove 1", OTHER);
	sg_plan_add(setup->plan, "await-busy %d r", READY_SECONDS);
	sg_setup_gap(setup);
	sg_plan_add(setup->plan, "doze d o %d", OWNED);
	sg_plan_add(setup->plan, "await-busy %d d", READY_SECONDS);
	sg_setup_gap(setup);
	sg_plan_add(setup->plan, "irq i o %d", OWNED);
	sg_plan_add(setup->plan, "await-busy %d i", READY_SECONDS);
}

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan);

const struct sg_scenario sg_scenario_vfio_igate = {
	.name = "vfio-igate",
	.summary = "an error is reported while an owner sets up a drive",
	.cycle = "recovery: bus list semaphore -> igate of the drive; interrupt set-up: igate -> "
		 "memory_lock; power state: memory_lock -> bus list semaphore, behind its writer",
	.hangs_on = "6.1",
	.drives = { 3, 16 },
	.describe = describe,
};

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan)
{
	struct sg_setup setup;
	int err = sg_setup_init(&setup, &sg_scenario_vfio_igate, params, topo, plan, 3, 5);

	if (err)
		return err;
	sg_setup_switch(&setup, SWITCH);
	sg_setup_drive(&setup, OTHER, 0);
	for (unsigned int i = 1; i < setup.drives; i++)
		sg_setup_drive(&setup, OTHER + i, SWITCH);
	sg_plan_add(plan, "modules errors");
	sg_setup_vfio(&setup);
	sg_plan_add(plan, "reset-method flr %d", GONE);
	sg_plan_add(plan, "vfio %d", OWNED);
	sg_plan_add(plan, "owner o linger=never %d", OWNED);
	line_up(&setup);
	sg_setup_gap(&setup);
	sg_plan_add(plan, "plug %d", GONE);
	sg_plan_add(plan, "notice %d", GONE);
	sg_plan_add(plan, "join %d t", READY_SECONDS);
	sg_plan_add(plan, "join %d r d i", VERDICT_SECONDS);
	sg_plan_add(plan, "release o");
	sg_plan_add(plan, "join %d", VERDICT_SECONDS);
	return plan->err;
}
