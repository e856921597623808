// SPDX-License-Identifier: GPL-2.0-only
/*
 * slow_owners.c - many drives, an owner each that needs a second to let go
 *
 * Measures, rather than proves: from the first slot switched off until the
 * last drive is gone.  The limit is there for a kernel that hangs.
 */
#include <slotgate/scale.h>

#include "common.h"

#define LINGER_MS 1000
#define LIMIT_SECONDS 300
#define SCALE_SECONDS 1500

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan);

const struct sg_scenario sg_scenario_slow_owners = {
	.name = "slow-owners",
	.summary = "all slots are pulled at once, and each drive's owner needs 1 s to let go",
	.cycle = "none: removals wait for their owners one after the other",
	.hangs_on = NULL,
	.drives = { 1, SG_DRIVES_MAX },
	.describe = describe,
};

/* By a clock that counts instructions: 64 drives are not to wait for a busy host. */
const struct sg_scenario sg_scenario_scale_owners = {
	.name = "scale-owners",
	.summary = "slow-owners by a clock that counts instructions",
	.drives = { 1, SG_DRIVES_MAX },
	.seconds = SCALE_SECONDS,
	.counted = true,
	.describe = describe,
};

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan)
{
	unsigned int order[SG_DRIVES_MAX];
	struct sg_setup setup;
	struct sg_list list;
	int err = sg_setup_init(&setup, &sg_scenario_slow_owners, params, topo, plan, 20, 20);

	if (err)
		return err;
	for (unsigned int i = 1; i <= setup.drives; i++)
		sg_setup_drive(&setup, i, 0);
	sg_setup_numbers(&setup, order, 1, setup.drives);
	list = sg_list(order, setup.drives);
	sg_setup_modules(&setup);
	sg_plan_add(plan, "vfio%s", list.text);
	for (unsigned int i = 1; i <= setup.drives; i++)
		sg_plan_add(plan, "owner o%u linger=%d %u", i, LINGER_MS, i);
	sg_plan_add(plan, "start removal");
	for (unsigned int i = 0; i < setup.drives; i++)
		sg_plan_add(plan, "off f%u %u", order[i], order[i]);
	sg_plan_add(plan, "await absent %d%s", LIMIT_SECONDS, list.text);
	sg_plan_add(plan, "stop removal");
	sg_plan_add(plan, "join %d", LIMIT_SECONDS);
	return plan->err;
}
