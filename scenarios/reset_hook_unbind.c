// SPDX-License-Identifier: GPL-2.0-only
/*
 * reset_hook_unbind.c - pciehp is unbound from a port whose drive is being reset
 *
 * A reset through the slot spends its time in pciehp's reset hook, asleep while
 * the link comes up again.  So once a writer to `reset` waits in the kernel's
 * PCI code it is most likely there, and unbinding pciehp frees what the hook goes
 * on to use.  Nothing waits for anything: only a kernel with KASAN is sure to
 * notice, or one that reads rubbish and dies.
 *
 * Writers to `reset` and to `reset_method`, which only asks whether the hook
 * would work, go on over all rounds; those that come between unbinding and
 * binding find no hook.
 */
#include "common.h"

static const struct sg_skip skips[] = {
	{ "packaged", "a use after free that only KASAN shows: kernel line debug" },
	{ "pciehp-2020", "a use after free that only KASAN shows: kernel line debug" },
	{ NULL, NULL }
};

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan);

const struct sg_scenario sg_scenario_reset_hook_unbind = {
	.name = "reset-hook-unbind",
	.summary = "pciehp is unbound from a port whose drive is being reset",
	.cycle = "none: the reset hook goes on to use what unbinding has freed",
	.hangs_on = "debug",
	.skips = skips,
	.drives = { 1, 4 },
	.describe = describe,
};

static void rebind(struct sg_setup *setup, unsigned int round, unsigned int slot)
{
	sg_plan_add(setup->plan, "await-busy %d w%u", READY_SECONDS, slot);
	sg_setup_gap(setup);
	sg_plan_add(setup->plan, "write u%u /sys/bus/pci_express/drivers/pciehp/unbind "
		    "{service %u}", round, slot);
	sg_plan_add(setup->plan, "join %d u%u", VERDICT_SECONDS, round);
	sg_setup_gap(setup);
	sg_plan_add(setup->plan, "write b%u /sys/bus/pci_express/drivers/pciehp/bind "
		    "{service %u}", round, slot);
	sg_plan_add(setup->plan, "join %d b%u", VERDICT_SECONDS, round);
}

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan)
{
	struct sg_setup setup;
	unsigned int rounds;
	int err = sg_setup_init(&setup, &sg_scenario_reset_hook_unbind, params, topo, plan, 1, 2);

	if (err)
		return err;
	rounds = sg_rng_range(&setup.rng, 3, 6);
	for (unsigned int i = 1; i <= setup.drives; i++)
		sg_setup_drive(&setup, i, 0);
	sg_plan_add(plan, "slotgate");
	for (unsigned int i = 1; i <= setup.drives; i++) {
		sg_plan_add(plan, "reset-method bus %u", i);
		sg_plan_add(plan, "again w%u {%u}/reset 1", i, i);
		sg_plan_add(plan, "again m%u {%u}/reset_method bus", i, i);
	}
	for (unsigned int round = 1; round <= rounds; round++)
		rebind(&setup, round, sg_rng_range(&setup.rng, 1, setup.drives));
	for (unsigned int i = 1; i <= setup.drives; i++)
		sg_plan_add(plan, "release w%u", i);
	for (unsigned int i = 1; i <= setup.drives; i++)
		sg_plan_add(plan, "release m%u", i);
	sg_plan_add(plan, "join %d", VERDICT_SECONDS);
	return plan->err;
}
