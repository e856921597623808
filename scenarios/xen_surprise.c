// SPDX-License-Identifier: GPL-2.0-only
/*
 * xen_surprise.c - a guest's drive is pulled without asking
 *
 * Its slot's interrupt thread unbinds xen-pciback from it, with the rescan/remove
 * lock held, and that resets it twice: as it is taken from the guest, and as
 * xen-pciback lets go of it.  Each waits a minute for a drive that is gone.
 * Meanwhile a slot that has nothing to do with it is switched off.  It must not
 * wait for drives that are not there, and neither must xenbus.
 */
#include "common.h"

#define OTHER 1
#define FIRST 2
#define AT_ONCE_SECONDS 25	/* 6.12 and 7.2 take 13 s */

static void pull(struct sg_setup *setup, struct sg_list list)
{
	struct sg_plan *plan = setup->plan;

	sg_plan_add(plan, "yank%s", list.text);
	sg_plan_add(plan, "start all");
	sg_plan_add(plan, "start other");
	sg_plan_add(plan, "notice%s", list.text);
	sg_setup_gap(setup);
	sg_plan_add(plan, "off f %d", OTHER);
	sg_plan_add(plan, "await absent %d %d", AT_ONCE_SECONDS, OTHER);
	sg_plan_add(plan, "stop other");
	sg_plan_add(plan, "await absent %d%s", VERDICT_SECONDS, list.text);
	sg_plan_add(plan, "stop all");
	sg_plan_add(plan, "close d 1");
	sg_plan_add(plan, "join %d", VERDICT_SECONDS);
}

static int set_up(const struct sg_scenario *scenario, const char *backend,
		  const struct sg_params *params, struct sg_topology *topo, struct sg_plan *plan)
{
	unsigned int drives[SG_DRIVES_MAX], count;
	struct sg_setup setup;
	struct sg_list list;
	int err = sg_setup_init(&setup, scenario, params, topo, plan, 2, 3);

	if (err)
		return err;
	for (unsigned int i = 1; i <= setup.drives; i++)
		sg_setup_drive(&setup, i, 0);
	count = setup.drives - 1;
	sg_setup_numbers(&setup, drives, FIRST, count);
	list = sg_list(drives, count);
	sg_setup_xen(&setup, backend, list);
	sg_plan_add(plan, "attach 1%s", list.text);
	pull(&setup, list);
	return plan->err;
}

#define SCENARIO(ident, kind)						\
static int describe_##ident(const struct sg_params *params, struct sg_topology *topo, \
			    struct sg_plan *plan);			\
									\
const struct sg_scenario sg_scenario_xen_surprise_##ident = {		\
	.name = "xen-surprise-" kind,					\
	.summary = "a guest's drive is pulled without asking (" kind ")", \
	.cycle = "none: other slots -> rescan/remove lock, held by the removal of the guest's " \
		 "drive -> its answer to a reset, for a minute, twice", \
	.hangs_on = "5.10 6.1",						\
	.drives = { 2, 16 },						\
	.xen = true,							\
	.describe = describe_##ident,					\
};									\
									\
static int describe_##ident(const struct sg_params *params, struct sg_topology *topo, \
			    struct sg_plan *plan)			\
{									\
	return set_up(&sg_scenario_xen_surprise_##ident, kind, params, topo, plan); \
}

SCENARIO(vpci, "vpci")
SCENARIO(passthrough, "passthrough")
