// SPDX-License-Identifier: GPL-2.0-only
/*
 * nvme_pull.c - a drive is pulled while nvme, told to let go of it, waits for a read
 *
 * The read takes long.  Somebody writes to the drive's `remove`, or unbinds its driver:
 * nvme waits until the read is over.  Now the drive is pulled without asking, and the
 * read will never be over; its time runs out, for which nvme has a time-out.  But stock
 * handlers of slot events first call the drive disconnected, before they wait for its
 * device lock, and the time-out leaves such a drive to whoever removes it: to the one
 * who waits.  Another slot, that has nothing to do with it, is switched off.
 */
#include "common.h"

#define OTHER 1
#define PULLED 2
#define READ_SECONDS 300	/* longer than anything here */
#define TIMEOUT_SECONDS 3	/* nvme's, instead of 30 */
#define AT_ONCE_SECONDS 15	/* to serve another slot, on a slow machine */

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan);

const struct sg_scenario sg_scenario_nvme_pull = {
	.name = "nvme-pull",
	.summary = "a drive is pulled while nvme, told to let go of it, waits for a read",
	.cycle = "none: other slots -> rescan/remove lock, held by the removal of the pulled drive "
		 "-> nvme, which waits for a command, whose time-out leaves it to that removal",
	.hangs_on = "5.10 6.1",
	.drives = { 2, 2 },
	.describe = describe,
};

static void let_go(struct sg_setup *setup)
{
	if (sg_rng_range(&setup->rng, 0, 1))
		sg_plan_add(setup->plan, "write w {%d}/remove 1", PULLED);
	else
		sg_plan_add(setup->plan, "write w {%d}/driver/unbind {%d}", PULLED, PULLED);
	sg_plan_add(setup->plan, "await-busy %d w", READY_SECONDS);
}

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan)
{
	struct sg_setup setup;
	int err = sg_setup_init(&setup, &sg_scenario_nvme_pull, params, topo, plan, 2, 2);

	if (err)
		return err;
	sg_setup_drive(&setup, OTHER, 0);
	sg_setup_drive(&setup, PULLED, 0);
	topo->slots[PULLED - 1].slow = READ_SECONDS;
	sg_plan_add(plan, "modules nvme_core");
	sg_plan_add(plan, "write t /sys/module/nvme_core/parameters/io_timeout %d", TIMEOUT_SECONDS);
	sg_plan_add(plan, "join %d", READY_SECONDS);
	sg_setup_modules(&setup);
	sg_plan_add(plan, "read r %d", PULLED);
	sg_plan_add(plan, "await-reads %d %d", READY_SECONDS, PULLED);
	let_go(&setup);
	sg_setup_gap(&setup);
	sg_plan_add(plan, "start all");
	sg_plan_add(plan, "start other");
	sg_plan_add(plan, "yank %d", PULLED);
	sg_plan_add(plan, "notice %d", PULLED);
	sg_setup_gap(&setup);
	sg_plan_add(plan, "off f %d", OTHER);
	sg_plan_add(plan, "await absent %d %d", AT_ONCE_SECONDS, OTHER);
	sg_plan_add(plan, "stop other");
	sg_plan_add(plan, "await absent %d %d", READY_SECONDS, PULLED);
	sg_plan_add(plan, "stop all");
	sg_plan_add(plan, "join %d", VERDICT_SECONDS);
	return plan->err;
}
