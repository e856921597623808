// SPDX-License-Identifier: GPL-2.0-only
/*
 * storm_command.c - `slotgate storm` on a machine of its own
 *
 * A drive that somebody reads is refused, and nothing is done to the other one
 * that was named with it.  A storm that is killed leaves drives to whoever had
 * them, the next one is refused until they were restored.  One that goes on to
 * its end, and one that is interrupted, restore by themselves.
 */
#include "common.h"

#define PROGRAM "/bin/slotgate-storm"
#define IN_USE 4
#define END_SECONDS 180

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan);

const struct sg_scenario sg_scenario_storm_command = {
	.name = "storm-command",
	.summary = "slotgate storm on a machine: refuses a drive in use, is killed, restores, passes",
	.cycle = "none: a test of slotgate itself",
	.hangs_on = NULL,
	.drives = { 4, 4 },
	.slotgate_only = true,
	.describe = describe,
};

static void refused(struct sg_setup *setup)
{
	sg_plan_add(setup->plan, "read r %d", IN_USE);
	sg_plan_add(setup->plan, "await-reads %d %d", READY_SECONDS, IN_USE);
	sg_plan_add(setup->plan, "command refused " PROGRAM " --slots 1,%d --for 60", IN_USE);
	sg_plan_add(setup->plan, "exits %d refused 1 slot %d is refused: nvme", READY_SECONDS, IN_USE);
	sg_plan_add(setup->plan, "driven nvme 1 2 3 %d", IN_USE);
	sg_plan_add(setup->plan, "kill r");
}

/* Only drivers change there, so that there is something to restore. */
static void killed(struct sg_setup *setup)
{
	sg_plan_add(setup->plan, "command killed " PROGRAM
		    " --slots 1-3 --for 600 --actors owner,bind --rate 600 --jobs 3");
	sg_plan_add(setup->plan, "await-driver %d vfio-pci 1", READY_SECONDS);
	sg_plan_add(setup->plan, "kill killed");
	sg_plan_add(setup->plan, "command again " PROGRAM " --slots 1-3 --for 600");
	sg_plan_add(setup->plan, "exits %d again 1", READY_SECONDS);
	sg_plan_add(setup->plan, "command restore " PROGRAM " --restore");
	sg_plan_add(setup->plan, "exits %d restore 0 passed", END_SECONDS);
	sg_plan_add(setup->plan, "driven nvme 1 2 3 %d", IN_USE);
}

/* A second is less than its owners take to let go: a hang to it, and a report of that. */
static void hung(struct sg_setup *setup)
{
	sg_plan_add(setup->plan, "command hung " PROGRAM
		    " --slots 1-3 --for 600 --actors owner --rate 600 --patience 1 --keep /tmp/report");
	sg_plan_add(setup->plan, "exits %d hung 1 report: /tmp/report", END_SECONDS);
	sg_plan_add(setup->plan, "command after " PROGRAM " --restore");
	sg_plan_add(setup->plan, "exits %d after 0 passed", END_SECONDS);
	sg_plan_add(setup->plan, "driven nvme 1 2 3 %d", IN_USE);
}

static void ends(struct sg_setup *setup, const char *id, unsigned int seconds)
{
	sg_plan_add(setup->plan, "command %s " PROGRAM " --slots 1-3 --for %u --rate 240 --seed %u", id,
		    seconds, sg_rng_range(&setup->rng, 1, 1000));
}

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan)
{
	struct sg_setup setup;
	int err = sg_setup_init(&setup, &sg_scenario_storm_command, params, topo, plan, 4, 4);

	if (err)
		return err;
	for (unsigned int i = 1; i <= setup.drives; i++)
		sg_setup_drive(&setup, i, 0);
	sg_setup_modules(&setup);
	sg_plan_add(plan, "refill 1 2 3");
	refused(&setup);
	killed(&setup);
	hung(&setup);
	ends(&setup, "whole", 15);
	sg_plan_add(plan, "exits %d whole 0 passed", END_SECONDS);
	sg_plan_add(plan, "driven nvme 1 2 3 %d", IN_USE);
	ends(&setup, "stopped", 600);
	sg_plan_add(plan, "sleep 3000");
	sg_plan_add(plan, "interrupt stopped");
	sg_plan_add(plan, "exits %d stopped 1 stopped", END_SECONDS);
	sg_plan_add(plan, "driven nvme 1 2 3 %d", IN_USE);
	return plan->err;
}
