// SPDX-License-Identifier: GPL-2.0-only
/*
 * absent_reset.c - drives are pulled without asking, and reset when they are gone
 *
 * The drives vanish and their slots' interrupts are held back.  Then the owner of
 * all of them is killed, which resets them.  A reset waits a minute for its drive
 * to answer, with the device lock held.  Now the slots' events come: the interrupt
 * threads want the device locks, under the rescan/remove lock, and a slot that has
 * nothing to do with it is switched off.  It must not wait for drives that are not
 * there.
 *
 * absent-reset-write: writers to `reset` do so; or a drive goes while a queue of
 * resets of it is under way.
 */
#include "common.h"

#define OTHER 1
#define FIRST 2
#define QUEUED 8	/* resets of one drive that is yanked meanwhile */
#define AT_ONCE_SECONDS 15	/* to serve another slot, on a slow machine */

enum resetter { OWNER, WRITERS, QUEUE };

static void start_resets(struct sg_setup *setup, const unsigned int *drives, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		sg_plan_add(setup->plan, "write t%u {%u}/reset 1", drives[i], drives[i]);
		sg_plan_add(setup->plan, "await-busy %d t%u", READY_SECONDS, drives[i]);
	}
}

/* Each rests a tenth of a second in its reset, one after the other. */
static void queue_resets(struct sg_setup *setup, unsigned int drive)
{
	for (unsigned int i = 1; i <= QUEUED; i++)
		sg_plan_add(setup->plan, "write t%u {%u}/reset 1", i, drive);
}

static void yank_and_reset(struct sg_setup *setup, enum resetter resetter,
			   const unsigned int *drives, unsigned int count)
{
	struct sg_list list = sg_list(drives, count);

	if (resetter == QUEUE)
		queue_resets(setup, drives[0]);
	sg_plan_add(setup->plan, "yank%s", list.text);
	if (resetter == WRITERS)
		start_resets(setup, drives, count);
	if (resetter != OWNER)
		return;
	sg_plan_add(setup->plan, "kill o1");
	sg_plan_add(setup->plan, "await-busy %d o1", READY_SECONDS);
}

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan);
static int describe_write(const struct sg_params *params, struct sg_topology *topo,
			  struct sg_plan *plan);

const struct sg_scenario sg_scenario_absent_reset = {
	.name = "absent-reset",
	.summary = "drives are pulled without asking, and reset when they are gone",
	.cycle = "none: other slots -> rescan/remove lock, held by the removal of a pulled drive "
		 "-> its device lock, held by a reset -> the drive's answer, for a minute each",
	.hangs_on = "5.10 6.1 6.12 7.2",
	.drives = { 2, 16 },
	.describe = describe,
};

const struct sg_scenario sg_scenario_absent_reset_write = {
	.name = "absent-reset-write",
	.summary = "drives are pulled without asking, and somebody writes to their reset file",
	.cycle = "none: other slots -> rescan/remove lock, held by the removal of the pulled drive "
		 "-> its device lock, held by a reset, or one after the other -> the drive's answer",
	.hangs_on = "5.10 6.1 6.12 7.2",
	.drives = { 2, 16 },
	.describe = describe_write,
};

static void serve_other(struct sg_setup *setup, struct sg_list list)
{
	struct sg_plan *plan = setup->plan;

	sg_plan_add(plan, "start all");
	sg_plan_add(plan, "start other");
	sg_plan_add(plan, "notice%s", list.text);
	sg_setup_gap(setup);
	sg_plan_add(plan, "off f %d", OTHER);
	sg_plan_add(plan, "await absent %d %d", AT_ONCE_SECONDS, OTHER);
	sg_plan_add(plan, "stop other");
	sg_plan_add(plan, "await absent %d%s", VERDICT_SECONDS, list.text);
	sg_plan_add(plan, "stop all");
	sg_plan_add(plan, "join %d", VERDICT_SECONDS);
}

static int set_up(const struct sg_scenario *scenario, const struct sg_params *params,
		  struct sg_topology *topo, struct sg_plan *plan, bool written)
{
	unsigned int drives[SG_DRIVES_MAX], count;
	enum resetter resetter = OWNER;
	struct sg_setup setup;
	struct sg_list list;
	int err = sg_setup_init(&setup, scenario, params, topo, plan, 2, 4);

	if (err)
		return err;
	for (unsigned int i = 1; i <= setup.drives; i++)
		sg_setup_drive(&setup, i, 0);
	count = setup.drives - 1;
	sg_setup_numbers(&setup, drives, FIRST, count);
	list = sg_list(drives, count);
	if (written)
		resetter = sg_rng_range(&setup.rng, WRITERS, QUEUE);
	sg_setup_modules(&setup);
	sg_plan_add(plan, "vfio%s", list.text);
	if (resetter == OWNER)
		sg_plan_add(plan, "owner o1 linger=never%s", list.text);
	yank_and_reset(&setup, resetter, drives, count);
	serve_other(&setup, list);
	return plan->err;
}

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan)
{
	return set_up(&sg_scenario_absent_reset, params, topo, plan, false);
}

static int describe_write(const struct sg_params *params, struct sg_topology *topo,
			  struct sg_plan *plan)
{
	return set_up(&sg_scenario_absent_reset_write, params, topo, plan, true);
}
