// SPDX-License-Identifier: GPL-2.0-only
/*
 * xen_owed.c - what a guest left in a drive, the next owner must not see
 *
 * The drive's slot was switched off, and the drive, which kept its power, found
 * again by a rescan and given to a guest.  Now somebody finds another drive, whose
 * driver takes its time, with the rescan/remove lock held, and somebody switches the slot
 * on: its interrupt thread waits for that lock before it sees that there is
 * nothing to add.  The drive is unbound from xen-pciback, which has its device lock
 * and its own semaphore then, and has to reset the drive through that slot.
 *
 * A stock kernel waits there for as long as the driver takes, and so does everybody
 * who wants the semaphore, xenbus among them.  slotgate refuses the reset and owes
 * it.  Whoever is to have the drive next, the host or another guest, gets it
 * once it is paid: xen-pciback's own reset of what it takes would be refused as well.
 *
 * Before all that another guest goes.  It has nothing to do with that slot and is
 * not to wait for it.
 */
#include "common.h"

#define FOUND 1		/* drive whose driver takes its time */
#define CALM 2		/* drive of the guest that goes */
#define MARKED 3

enum owner { HOST, GUEST };

/* pciehp takes its slot for empty from here on. */
static void hide(struct sg_plan *plan)
{
	sg_plan_add(plan, "off x %d", MARKED);
	sg_plan_add(plan, "join %d x", READY_SECONDS);
	sg_plan_add(plan, "await absent %d %d", READY_SECONDS, MARKED);
	sg_plan_add(plan, "write r {port %d}/rescan 1", MARKED);
	sg_plan_add(plan, "join %d r", READY_SECONDS);
	sg_plan_add(plan, "await-driver %d pciback %d", READY_SECONDS, MARKED);
}

static void hold_up(struct sg_setup *setup)
{
	sg_setup_hold_up(setup, FOUND);
	sg_plan_add(setup->plan, "on n %d", MARKED);
	sg_plan_add(setup->plan, "await-busy %d %d", READY_SECONDS, MARKED);
}

static void take_away(struct sg_plan *plan)
{
	sg_plan_add(plan, "close c 2");
	sg_plan_add(plan, "join %d c", VERDICT_SECONDS);
	sg_plan_add(plan, "write u /sys/bus/pci/drivers/pciback/unbind {%d}", MARKED);
	sg_plan_add(plan, "join %d u", VERDICT_SECONDS);
	sg_plan_add(plan, "deferred %d", MARKED);
}

/* Asked for while the reset is owed. */
static void pass_on(struct sg_setup *setup, enum owner owner)
{
	struct sg_plan *plan = setup->plan;

	if (owner == HOST) {
		sg_plan_add(plan, "write o {%d}/driver_override pci-stub", MARKED);
		sg_plan_add(plan, "join %d o", VERDICT_SECONDS);
	}
	sg_plan_add(plan, "write b /sys/bus/pci/drivers/%s/bind {%d}",
		    owner == HOST ? "pci-stub" : "pciback", MARKED);
	sg_plan_add(plan, "join %d b", VERDICT_SECONDS);
	sg_setup_go_on(setup);
	sg_plan_add(plan, "join %d", VERDICT_SECONDS);
	sg_plan_add(plan, "await-driver %d %s %d", VERDICT_SECONDS,
		    owner == HOST ? "pci-stub" : "pciback", MARKED);
	if (owner == GUEST)
		sg_plan_add(plan, "attach 3 %d", MARKED);
	sg_plan_add(plan, "returned %d", MARKED);
}

static int set_up(const struct sg_scenario *scenario, enum owner owner,
		  const struct sg_params *params, struct sg_topology *topo, struct sg_plan *plan)
{
	struct sg_setup setup;
	int err = sg_setup_init(&setup, scenario, params, topo, plan, 3, 3);
	const char *backend;

	if (err)
		return err;
	backend = sg_rng_range(&setup.rng, 0, 1) ? "vpci" : "passthrough";
	for (unsigned int i = FOUND; i <= MARKED; i++)
		sg_setup_drive(&setup, i, 0);
	topo->slots[MARKED - 1].no_power = true;
	topo->slots[MARKED - 1].slot_reset = true;
	sg_plan_add(plan, "modules stub");
	sg_setup_xen(&setup, backend, sg_list((const unsigned int[]){ CALM, MARKED }, 2));
	hide(plan);
	sg_plan_add(plan, "attach 1 %d", MARKED);
	sg_plan_add(plan, "attach 2 %d", CALM);
	sg_plan_add(plan, "mark %u %d", sg_rng_range(&setup.rng, 1, 0xffffff), MARKED);
	hold_up(&setup);
	take_away(plan);
	pass_on(&setup, owner);
	return plan->err;
}

#define SCENARIO(ident, suffix, next, words)				\
static int describe_##ident(const struct sg_params *params, struct sg_topology *topo, \
			    struct sg_plan *plan);			\
									\
const struct sg_scenario sg_scenario_##ident = {			\
	.name = "xen-owed" suffix,					\
	.summary = "a guest's drive is taken from it while its slot is busy, and must be reset " \
		   "before " words " has it",				\
	.cycle = "none: xenbus -> xen-pciback's semaphore, held by the unbinding -> the slot's " \
		 "reset lock, held by its interrupt thread -> rescan/remove lock, held by a "	\
		 "rescan -> a driver that takes its time",		\
	.hangs_on = "5.10 6.1 6.12 7.2",				\
	.drives = { 3, 3 },						\
	.xen = true,							\
	.describe = describe_##ident,					\
};									\
									\
static int describe_##ident(const struct sg_params *params, struct sg_topology *topo, \
			    struct sg_plan *plan)			\
{									\
	return set_up(&sg_scenario_##ident, next, params, topo, plan);	\
}

SCENARIO(xen_owed, "", HOST, "the host")
SCENARIO(xen_owed_guest, "-guest", GUEST, "the next guest")
