// SPDX-License-Identifier: GPL-2.0-only
/*
 * xen.c - drives are pulled while xen-pciback takes them back from a guest
 *
 * Taking a drive back means to reset it with its device lock and xen-pciback's
 * own semaphore held.  Removals come there as well, holding the rescan/remove
 * lock, and queue for that with their slots' reset locks held.  So the thread
 * that serves all of xenbus can take the part of the resetter, and everything
 * of Xen stands still with it.
 *
 * The first slot switched off has a drive that dom0 reads, and that takes its time
 * over it: its removal waits, with the rescan/remove lock held, and what
 * comes after it queues in the order in which the plan has it.  Next are drives
 * of guest 1, a the last of them.  Then a is taken back, and meets the reset lock
 * with which its own removal queues: xen-detach by a guest that gives up this
 * one, xen-close by one that gives up all, xen-unbind by an unbinding in dom0.
 * When the first removal is over the second one wants the semaphore.
 *
 * At the end guest 2 gives up the drive that it was given, and guest 3 gets it:
 * xenbus lives, and the drive is as it was before.
 *
 * The guest's drives can only be reset through their slots, also by kernels
 * before 5.15.
 */
#include "common.h"

#define CALM 1		/* drive of the guest that nothing happens to */
#define SLOW 2		/* drive of dom0 */
#define FIRST 3
#define SLOW_SECONDS 3	/* for half of a read of it; its removal waits for all of it */

enum path { DETACH, CLOSE, UNBIND };

static void take_back(struct sg_setup *setup, enum path path, unsigned int slot)
{
	switch (path) {
	case DETACH:
		sg_plan_add(setup->plan, "detach d 1 %u", slot);
		sg_plan_add(setup->plan, "await-busy %d xenbus:d", READY_SECONDS);
		break;
	case CLOSE:
		sg_plan_add(setup->plan, "close d 1");
		sg_plan_add(setup->plan, "await-busy %d xenbus:d", READY_SECONDS);
		break;
	case UNBIND:
		sg_plan_add(setup->plan, "write d /sys/bus/pci/drivers/pciback/unbind {%u}", slot);
		break;
	}
}

/* slotgate must cover xen-pciback that is there already and one that comes later. */
static void start_xen(struct sg_setup *setup, const char *backend)
{
	bool early = sg_rng_range(&setup->rng, 0, 1);

	sg_plan_add(setup->plan, "xen");
	if (early)
		sg_plan_add(setup->plan, "slotgate");
	sg_plan_add(setup->plan, "pciback %s %d", backend, CALM);
	if (!early)
		sg_plan_add(setup->plan, "slotgate");
}

/* Given once more, it must be nobody's. */
static void serve_other_guest(struct sg_setup *setup)
{
	sg_plan_add(setup->plan, "mark 3 %d", CALM);
	sg_plan_add(setup->plan, "detach e 2 %d", CALM);
	sg_plan_add(setup->plan, "join %d e", VERDICT_SECONDS);
	sg_plan_add(setup->plan, "returned %d", CALM);
	sg_plan_add(setup->plan, "attach 3 %d", CALM);
}

/* a first: of a guest that goes it is the first one that is taken back. */
static void attach(struct sg_setup *setup, const unsigned int *drives, unsigned int count)
{
	unsigned int turned[SG_DRIVES_MAX];

	for (unsigned int i = 0; i < count; i++)
		turned[i] = drives[count - 1 - i];
	sg_plan_add(setup->plan, "attach 1%s", sg_list(turned, count).text);
}

static void pull(struct sg_setup *setup, unsigned int slot)
{
	sg_plan_add(setup->plan, "off f%u %u", slot, slot);
	sg_plan_add(setup->plan, "await-busy %d %u", READY_SECONDS, slot);
}

static int set_up(const struct sg_scenario *scenario, enum path path, const char *backend,
		  const struct sg_params *params, struct sg_topology *topo, struct sg_plan *plan)
{
	unsigned int drives[SG_DRIVES_MAX], count;
	struct sg_setup setup;
	struct sg_list list;
	int err = sg_setup_init(&setup, scenario, params, topo, plan, 4, 5);

	if (err)
		return err;
	topo->xen = true;
	for (unsigned int i = 1; i <= setup.drives; i++) {
		sg_setup_drive(&setup, i, 0);
		topo->slots[i - 1].slot_reset = i >= FIRST;
		topo->slots[i - 1].slow = i == SLOW ? SLOW_SECONDS : 0;
	}
	count = setup.drives - SLOW;
	sg_setup_numbers(&setup, drives, FIRST, count);
	list = sg_list(drives, count);
	start_xen(&setup, backend);
	sg_plan_add(plan, "pciback %s%s", backend, list.text);
	attach(&setup, drives, count);
	sg_plan_add(plan, "attach 2 %d", CALM);
	sg_plan_add(plan, "modules nvme");
	sg_plan_add(plan, "read r %d", SLOW);
	sg_plan_add(plan, "await-reads %d %d", READY_SECONDS, SLOW);
	pull(&setup, SLOW);
	for (unsigned int i = 0; i < count; i++)
		pull(&setup, drives[i]);
	take_back(&setup, path, drives[count - 1]);
	sg_plan_add(plan, "join %d", VERDICT_SECONDS);
	sg_plan_add(plan, "await absent %d %d%s", VERDICT_SECONDS, SLOW, list.text);
	serve_other_guest(&setup);
	return plan->err;
}

#define CYCLE								\
	"taking back a: xen-pciback's semaphore -> slot a's reset lock; removal of a: "	\
	"slot a's reset lock -> rescan/remove lock; removal of b: rescan/remove lock -> "	\
	"xen-pciback's semaphore"

#define SCENARIO(ident, title, way, kind, words)			\
static int describe_##ident(const struct sg_params *params, struct sg_topology *topo, \
			    struct sg_plan *plan);			\
									\
const struct sg_scenario sg_scenario_##ident = {			\
	.name = title "-" kind,						\
	.summary = words " (" kind ")",					\
	.cycle = CYCLE,							\
	.hangs_on = "6.1",				\
	.drives = { 4, 16 },						\
	.xen = true,							\
	.describe = describe_##ident,					\
};									\
									\
static int describe_##ident(const struct sg_params *params, struct sg_topology *topo, \
			    struct sg_plan *plan)			\
{									\
	return set_up(&sg_scenario_##ident, way, kind, params, topo, plan); \
}

SCENARIO(xen_detach_vpci, "xen-detach", DETACH, "vpci",
	 "a guest gives a drive back while drives are pulled")
SCENARIO(xen_detach_passthrough, "xen-detach", DETACH, "passthrough",
	 "a guest gives a drive back while drives are pulled")
SCENARIO(xen_close_vpci, "xen-close", CLOSE, "vpci",
	 "a guest goes while its drives are pulled")
SCENARIO(xen_close_passthrough, "xen-close", CLOSE, "passthrough",
	 "a guest goes while its drives are pulled")
SCENARIO(xen_unbind_vpci, "xen-unbind", UNBIND, "vpci",
	 "a guest's drive is unbound while drives are pulled")
SCENARIO(xen_unbind_passthrough, "xen-unbind", UNBIND, "passthrough",
	 "a guest's drive is unbound while drives are pulled")
