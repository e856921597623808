// SPDX-License-Identifier: GPL-2.0-only
/*
 * pf_unbind.c - the driver of a physical function is unbound while the slot is emptied
 *
 * The removal goes through the devices of the slot, the last one first, and has
 * come to the last virtual function, whose owner does not let go.  It remembers
 * the one before it as the next.  vfio-pci, which has the physical function, takes
 * all virtual functions off the bus when it is unbound, without the lock that the
 * removal has: the next one is freed.  When the owner lets go, the removal goes on
 * with what is not there any more.
 *
 * Order comes from events: the owner was asked, the unbinding waits.
 */
#include "common.h"

#define VICTIM 1
#define FUNCTIONS 4

static const char *const removals[] = { "off r 1", "write r {port 1}/remove 1" };

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan);

const struct sg_scenario sg_scenario_pf_unbind = {
	.name = "pf-unbind",
	.summary = "the driver of a physical function is unbound while the slot is emptied",
	.cycle = "none: the driver takes virtual functions off the bus without the rescan/remove "
		 "lock, from under a removal that has it",
	.hangs_on = "5.10 6.1 6.12 7.2",
	.drives = { 1, 1 },
	.describe = describe,
};

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan)
{
	struct sg_setup setup;
	unsigned int functions;
	int err = sg_setup_init(&setup, &sg_scenario_pf_unbind, params, topo, plan, 1, 1);

	if (err)
		return err;
	sg_setup_sriov(&setup, VICTIM, FUNCTIONS);
	sg_setup_modules(&setup);
	functions = sg_rng_range(&setup.rng, 2, FUNCTIONS);
	sg_plan_add(plan, "write e /sys/module/vfio_pci/parameters/enable_sriov 1");
	sg_plan_add(plan, "join %d e", READY_SECONDS);
	sg_plan_add(plan, "vfio %d", VICTIM);
	/* before there are functions: opening it resets it, and QEMU forgets them */
	sg_plan_add(plan, "owner p friends %d", VICTIM);
	sg_setup_functions(&setup, VICTIM, functions);
	sg_plan_add(plan, "owner o1 linger=never friends %dv%u", VICTIM, functions - 1);
	sg_plan_add(plan, "%s", removals[sg_rng_range(&setup.rng, 0, 1)]);
	sg_plan_add(plan, "await-asked %d 1 o1", READY_SECONDS);
	sg_setup_gap(&setup);
	sg_plan_add(plan, "write u {%d}/driver/unbind {%d}", VICTIM, VICTIM);
	sg_plan_add(plan, "await-busy %d u", READY_SECONDS);
	sg_setup_gap(&setup);
	sg_plan_add(plan, "release o1");
	sg_plan_add(plan, "join %d", VERDICT_SECONDS);
	sg_plan_add(plan, "await absent %d %d", VERDICT_SECONDS, VICTIM);
	return plan->err;
}
