// SPDX-License-Identifier: GPL-2.0-only
/*
 * orphan_vfs.c - a device with virtual functions is removed, found, and given new ones
 *
 * The nvme driver leaves virtual functions behind when it is unbound, and a
 * removal through sysfs takes away the one device it was asked for.  The
 * functions that outlive it are in the way of new ones, and the next rescan
 * takes the kernel down.  No two things happen at once here: each operation has
 * ended before the next begins.
 */
#include <stdio.h>

#include "common.h"

#define VICTIM 1
#define FUNCTIONS 4
#define ROUNDS 2

static void write_and_wait(struct sg_setup *setup, const char *id, unsigned int round,
			   const char *what)
{
	sg_plan_add(setup->plan, "write %s%u %s", id, round, what);
	sg_plan_add(setup->plan, "join %d", VERDICT_SECONDS);
}

static void go_round(struct sg_setup *setup, unsigned int round)
{
	char numvfs[64];

	snprintf(numvfs, sizeof(numvfs), "{%d}/sriov_numvfs %u", VICTIM,
		 sg_rng_range(&setup->rng, 1, FUNCTIONS));
	write_and_wait(setup, "n", round, numvfs);
	sg_plan_add(setup->plan, "await present %d %dv0", VERDICT_SECONDS, VICTIM);
	write_and_wait(setup, "r", round, "{1}/remove 1");
	sg_plan_add(setup->plan, "await absent %d %d", VERDICT_SECONDS, VICTIM);
	write_and_wait(setup, "s", round, "/sys/bus/pci/rescan 1");
	sg_plan_add(setup->plan, "await present %d %d", VERDICT_SECONDS, VICTIM);
}

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan);

const struct sg_scenario sg_scenario_orphan_vfs = {
	.name = "orphan-vfs",
	.summary = "a device with virtual functions is removed, found, and given new ones",
	.cycle = "none: virtual functions outlive their physical function, and the kernel stumbles "
		 "over them",
	.hangs_on = "5.10 6.1 6.12 7.2",
	.drives = { 1, 1 },
	.describe = describe,
};

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan)
{
	unsigned int rounds = params->rounds ? params->rounds : ROUNDS;
	struct sg_setup setup;
	int err = sg_setup_init(&setup, &sg_scenario_orphan_vfs, params, topo, plan, 1, 1);

	if (err)
		return err;
	sg_setup_sriov(&setup, VICTIM, FUNCTIONS);
	sg_setup_modules(&setup);
	for (unsigned int round = 1; round <= rounds; round++)
		go_round(&setup, round);
	sg_plan_add(plan, "await absent %d %dv0", VERDICT_SECONDS, VICTIM);
	return plan->err;
}
