// SPDX-License-Identifier: GPL-2.0-only
/*
 * xen_owed.c - what a guest left in a drive, the next owner must not see
 *
 * The drive is unbound from xen-pciback, which has its device lock then and waits
 * for xen-pciback's semaphore: another drive of the guest, which is gone, is being
 * reset under that.  slotgate gives that up after a second and a half, a stock kernel
 * only after a minute.  Meanwhile the first drive's slot is switched off.  slotgate has to
 * refuse the reset that the unbinding comes to, as the slot's handler is inside the
 * gate, and must not forget it: the slot has no power controller, so that the
 * drive is the same one when the slot is switched on again.
 *
 * Whoever gets it does not reset what it takes.  xen-pciback would, so it is told
 * to leave it alone.
 */
#include "common.h"

#define OTHER 1
#define MARKED 2

static void take_away(struct sg_plan *plan)
{
	sg_plan_add(plan, "yank %d", OTHER);
	sg_plan_add(plan, "detach d 1 %d", OTHER);
	sg_plan_add(plan, "await-busy %d xenbus:d", READY_SECONDS);
	sg_plan_add(plan, "write u /sys/bus/pci/drivers/pciback/unbind {%d}", MARKED);
	sg_plan_add(plan, "await-busy %d u", READY_SECONDS);
	sg_plan_add(plan, "off f %d", MARKED);
	sg_plan_add(plan, "join %d f u", VERDICT_SECONDS);
	sg_plan_add(plan, "await absent %d %d", VERDICT_SECONDS, MARKED);
}

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan);

const struct sg_scenario sg_scenario_xen_owed = {
	.name = "xen-owed",
	.summary = "a guest's drive is unbound and pulled, and must be reset before the next owner",
	.cycle = "none: slotgate puts the reset off, and must not forget it",
	.drives = { 2, 2 },
	.slotgate_only = true,
	.xen = true,
	.describe = describe,
};

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan)
{
	struct sg_setup setup;
	int err = sg_setup_init(&setup, &sg_scenario_xen_owed, params, topo, plan, 2, 2);
	const char *backend;

	if (err)
		return err;
	backend = sg_rng_range(&setup.rng, 0, 1) ? "vpci" : "passthrough";
	for (unsigned int i = OTHER; i <= MARKED; i++)
		sg_setup_drive(&setup, i, 0);
	topo->slots[MARKED - 1].no_power = true;
	sg_plan_add(plan, "modules stub");
	sg_setup_xen(&setup, backend, sg_list((const unsigned int[]){ OTHER, MARKED }, 2));
	sg_plan_add(plan, "write i /sys/bus/pci/drivers/pciback/remove_slot {%d}", MARKED);
	sg_plan_add(plan, "attach 1 %d %d", OTHER, MARKED);
	sg_plan_add(plan, "mark %u %d", sg_rng_range(&setup.rng, 1, 0xffffff), MARKED);
	take_away(plan);
	sg_plan_add(plan, "on n %d", MARKED);
	sg_plan_add(plan, "await present %d %d", VERDICT_SECONDS, MARKED);
	sg_plan_add(plan, "bind pci-stub %d", MARKED);
	sg_plan_add(plan, "unmarked %d", MARKED);
	sg_plan_add(plan, "deferred %d", MARKED);
	sg_plan_add(plan, "join %d", VERDICT_SECONDS);
	return plan->err;
}
