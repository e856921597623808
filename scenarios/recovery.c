// SPDX-License-Identifier: GPL-2.0-only
/*
 * recovery.c - drives are recovered from errors of their links
 *
 * No rows of the scoreboard: what slotgate does instead of the kernel there has
 * to do the same.
 *
 * With nothing in the way, a fatal error has the slot reset, another one has not.
 * A drive that is being removed when recovery comes to it, and has to wait for
 * its owner, is gone when that lets go.  What comes to the slot then can be used,
 * and recovered from an error of its own.
 */
#include "common.h"

#define SLOT 1

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan);
static int describe_removed(const struct sg_params *params, struct sg_topology *topo,
			    struct sg_plan *plan);

const struct sg_scenario sg_scenario_recovery = {
	.name = "recovery",
	.summary = "drives are recovered from errors of their links, with nothing in the way",
	.cycle = "none: error recovery has to do what it does on a stock kernel",
	.hangs_on = NULL,
	.drives = { 1, 8 },
	.describe = describe,
};

const struct sg_scenario sg_scenario_recovery_removed = {
	.name = "recovery-removed",
	.summary = "a drive is removed while error recovery waits for it, and another one comes",
	.cycle = "none: error recovery has to do what it does on a stock kernel",
	.hangs_on = NULL,
	.drives = { 1, 8 },
	.describe = describe_removed,
};

static void recover(struct sg_setup *setup, unsigned int slot)
{
	sg_plan_add(setup->plan, "inject %s %u",
		    sg_rng_range(&setup->rng, 0, 2) ? "fatal" : "nonfatal", slot);
	sg_plan_add(setup->plan, "await-recovered %d %u", READY_SECONDS, slot);
	sg_plan_add(setup->plan, "off f%u %u", slot, slot);
	sg_plan_add(setup->plan, "join %d f%u", VERDICT_SECONDS, slot);
	sg_plan_add(setup->plan, "await absent %d %u", VERDICT_SECONDS, slot);
}

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan)
{
	struct sg_setup setup;
	int err = sg_setup_init(&setup, &sg_scenario_recovery, params, topo, plan, 2, 3);

	if (err)
		return err;
	for (unsigned int i = 1; i <= setup.drives; i++)
		sg_setup_drive(&setup, i, 0);
	sg_plan_add(plan, "modules errors");
	sg_setup_modules(&setup);
	for (unsigned int i = 1; i <= setup.drives; i++)
		recover(&setup, i);
	return plan->err;
}

static void remove_meanwhile(struct sg_setup *setup)
{
	sg_plan_add(setup->plan, "vfio %d", SLOT);
	sg_plan_add(setup->plan, "owner o linger=never %d", SLOT);
	sg_plan_add(setup->plan, "off f %d", SLOT);
	sg_plan_add(setup->plan, "await-asked %d 1 o", READY_SECONDS);
	sg_plan_add(setup->plan, "inject fatal %d", SLOT);
	sg_plan_add(setup->plan, "await-busy %d error:%d", READY_SECONDS, SLOT);
	sg_setup_gap(setup);
	sg_plan_add(setup->plan, "release o");
	sg_plan_add(setup->plan, "join %d", VERDICT_SECONDS);
	sg_plan_add(setup->plan, "await absent %d %d", VERDICT_SECONDS, SLOT);
}

static int describe_removed(const struct sg_params *params, struct sg_topology *topo,
			    struct sg_plan *plan)
{
	struct sg_setup setup;
	int err = sg_setup_init(&setup, &sg_scenario_recovery_removed, params, topo, plan, 1, 3);

	if (err)
		return err;
	for (unsigned int i = 1; i <= setup.drives; i++)
		sg_setup_drive(&setup, i, 0);
	sg_plan_add(plan, "modules errors");
	sg_setup_vfio(&setup);
	remove_meanwhile(&setup);
	sg_plan_add(plan, "plug %d", SLOT);
	sg_plan_add(plan, "await present %d %d", VERDICT_SECONDS, SLOT);
	/* a rescan has to wait until the drive that is there has been added */
	sg_plan_add(plan, "write s /sys/bus/pci/rescan 1");
	sg_plan_add(plan, "join %d s", VERDICT_SECONDS);
	sg_plan_add(plan, "vfio %d", SLOT);
	sg_plan_add(plan, "owner p linger=never %d", SLOT);
	sg_plan_add(plan, "inject fatal %d", SLOT);
	sg_plan_add(plan, "await-recovered %d %d", VERDICT_SECONDS, SLOT);
	sg_plan_add(plan, "release p");
	sg_plan_add(plan, "join %d", VERDICT_SECONDS);
	return plan->err;
}
