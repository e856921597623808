// SPDX-License-Identifier: GPL-2.0-only
/*
 * scale_surprise.c - drives of vfio owners are pulled without asking, and another slot is used
 *
 * Measures, rather than proves (absent-reset does): the owners are the first to see that
 * their drives are gone, and close them, which resets them.  The limits are for kernels
 * that wait a minute for that.  One owner each: several drives of one end in a deadlock on
 * stock kernels (vfio-close), and nothing would be measured.
 */
#include <slotgate/scale.h>

#include "common.h"

#define OTHER 1
#define FIRST 2
#define LIMIT_SECONDS 1200
#define RUN_SECONDS 1800

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan);

const struct sg_scenario sg_scenario_scale_surprise = {
	.name = "scale-surprise",
	.summary = "drives are pulled without asking, and another slot is switched off",
	.drives = { 1, SG_DRIVES_MAX - 1 },
	.seconds = RUN_SECONDS,
	.counted = true,
	.describe = describe,
};

/* Each closes its drive, or has done so, when the kernel hears of it. */
static void end_owners(struct sg_plan *plan, const unsigned int *drives, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		sg_plan_add(plan, "kill o%u", drives[i]);
	for (unsigned int i = 0; i < count; i++)
		sg_plan_add(plan, "await-busy %d o%u", READY_SECONDS, drives[i]);
}

static void notice(struct sg_plan *plan, struct sg_list list)
{
	sg_plan_add(plan, "notice%s", list.text);
	sg_plan_add(plan, "start other");
	sg_plan_add(plan, "off f %d", OTHER);
	sg_plan_add(plan, "await absent %d %d", LIMIT_SECONDS, OTHER);
	sg_plan_add(plan, "stop other");
	sg_plan_add(plan, "await absent %d%s", LIMIT_SECONDS, list.text);
	sg_plan_add(plan, "stop removal");
	sg_plan_add(plan, "join %d", LIMIT_SECONDS);
}

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan)
{
	unsigned int drives[SG_DRIVES_MAX];
	struct sg_setup setup;
	struct sg_list list;
	int err = sg_setup_init(&setup, &sg_scenario_scale_surprise, params, topo, plan, 3, 3);

	if (err)
		return err;
	for (unsigned int i = 0; i <= setup.drives; i++)
		sg_setup_drive(&setup, OTHER + i, 0);
	sg_setup_numbers(&setup, drives, FIRST, setup.drives);
	list = sg_list(drives, setup.drives);
	sg_setup_modules(&setup);
	sg_plan_add(plan, "vfio%s", list.text);
	for (unsigned int i = 0; i < setup.drives; i++)
		sg_plan_add(plan, "owner o%u linger=never %u", drives[i], drives[i]);
	sg_plan_add(plan, "start removal");
	sg_plan_add(plan, "yank%s", list.text);
	end_owners(plan, drives, setup.drives);
	notice(plan, list);
	return plan->err;
}
