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
 * At the end the drive of guest 2, marked as a guest leaves one that is killed at
 * work, is taken back in the same way, and guest 3 gets it: xenbus lives, the drive
 * was reset and is as it was before, and nobody's.
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

/* The calm drive goes the same way.  It must be as it was, and nobody's when it is given again. */
static void serve_other_guest(struct sg_setup *setup, enum path path, const char *backend)
{
	static const char *const lines[] = {
		[DETACH] = "detach e 2 %d",
		[CLOSE] = "close e 2",
		[UNBIND] = "write e /sys/bus/pci/drivers/pciback/unbind {%d}",
	};

	sg_plan_add(setup->plan, "mark 3 %d", CALM);
	sg_plan_add(setup->plan, lines[path], CALM);
	sg_plan_add(setup->plan, "join %d e", VERDICT_SECONDS);
	sg_plan_add(setup->plan, "returned %d", CALM);
	if (path == UNBIND)
		sg_plan_add(setup->plan, "pciback %s %d", backend, CALM);
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
	for (unsigned int i = 1; i <= setup.drives; i++) {
		sg_setup_drive(&setup, i, 0);
		topo->slots[i - 1].slot_reset = i >= FIRST;
		topo->slots[i - 1].slow = i == SLOW ? SLOW_SECONDS : 0;
	}
	count = setup.drives - SLOW;
	sg_setup_numbers(&setup, drives, FIRST, count);
	list = sg_list(drives, count);
	sg_setup_xen(&setup, backend, sg_list((const unsigned int[]){ CALM }, 1));
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
	serve_other_guest(&setup, path, backend);
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
	.hangs_on = "5.10 6.1 6.12 7.2",				\
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
