// SPDX-License-Identifier: GPL-2.0-only
/*
 * real_owners.c - drives that DPDK and QEMU have are pulled
 *
 * Four owners, the programs that users run, not our imitation of them: a
 * testpmd with its hot-plug handling on, which lets go when it is asked (now and
 * then only when it is asked again, 10 s later); one that stands still for a
 * while, or is killed then; a QEMU that can let go at once; and one whose
 * machine would have to agree and never does, until it is killed.  That is where
 * a stock kernel hangs, as in vfio-close.
 */
#include "common.h"

#define EACH 2			/* drives of an owner; the QEMU that lets go gets the rest */
#define LET_GO_SECONDS 60	/* three times what testpmd needs where nobody disturbs it */
#define STILL_MS 3000

/* What is where: slot numbers, by owner. */
struct owners {
	unsigned int slots[SG_DRIVES_MAX];
	unsigned int count;
};

enum { ASKED, STILL, YIELDS, KILLED, NOWNERS };

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan);

const struct sg_scenario sg_scenario_real_owners = {
	.name = "real-owners",
	.summary = "drives of DPDK and QEMU are pulled; they let go, stand still, or are killed",
	.cycle = "as vfio-close; until then all removals -> rescan/remove lock, held by one that "
		 "waits for its owner",
	.hangs_on = "5.10 6.1 6.12 7.2",
	.drives = { NOWNERS * EACH, 20 },
	.programs = true,
	.describe = describe,
};

static void share_out(struct sg_setup *setup, struct owners *owners)
{
	unsigned int numbers[SG_DRIVES_MAX], next = 0;

	sg_setup_numbers(setup, numbers, 1, setup->drives);
	for (unsigned int i = 0; i < NOWNERS; i++) {
		owners[i].count = i == YIELDS ? setup->drives - (NOWNERS - 1) * EACH : EACH;
		for (unsigned int n = 0; n < owners[i].count; n++)
			owners[i].slots[n] = numbers[next++];
	}
}

/* DPDK drives network cards; and what is killed is to be reset through its slot. */
static void add_drives(struct sg_setup *setup, const struct owners *owners)
{
	struct sg_slot *slots = setup->topo->slots;

	for (unsigned int i = 1; i <= setup->drives; i++)
		sg_setup_drive(setup, i, 0);
	for (unsigned int n = 0; n < EACH; n++) {
		slots[owners[ASKED].slots[n] - 1].network = true;
		slots[owners[STILL].slots[n] - 1].network = true;
		slots[owners[KILLED].slots[n] - 1].slot_reset = true;
	}
}

static void start_owners(struct sg_setup *setup, const struct owners *owners)
{
	static const char *const operations[NOWNERS] = {
		[ASKED] = "testpmd t1", [STILL] = "testpmd t2",
		[YIELDS] = "machine q1 yields", [KILLED] = "machine q2 keeps",
	};

	for (unsigned int i = 0; i < NOWNERS; i++) {
		struct sg_list list = sg_list(owners[i].slots, owners[i].count);

		sg_plan_add(setup->plan, "vfio%s", list.text);
		if (i == KILLED)
			sg_plan_add(setup->plan, "reset-method bus%s", list.text);
		sg_plan_add(setup->plan, "%s%s", operations[i], list.text);
	}
	sg_plan_add(setup->plan, "freeze t2");
}

/*
 * The first drive that the one to be killed opened goes first: it is the last
 * one that an exiting process closes, so the other is closed, and reset, while
 * the removal of the first waits.
 */
static void pull(struct sg_setup *setup, unsigned int first, unsigned int second)
{
	unsigned int order[SG_DRIVES_MAX];
	struct sg_list others;
	unsigned int count = 0;

	sg_plan_add(setup->plan, "off f%u %u", first, first);
	sg_plan_add(setup->plan, "await-busy %d %u", READY_SECONDS, first);
	sg_plan_add(setup->plan, "off f%u %u", second, second);
	sg_setup_numbers(setup, order, 1, setup->drives);
	for (unsigned int i = 0; i < setup->drives; i++) {
		if (order[i] == first || order[i] == second)
			continue;
		sg_setup_gap(setup);
		sg_plan_add(setup->plan, "off f%u %u", order[i], order[i]);
		order[count++] = order[i];
	}
	others = sg_list(order, count);
	sg_plan_add(setup->plan, "await-busy %d %u%s", READY_SECONDS, second, others.text);
}

static void join(struct sg_setup *setup)
{
	sg_plan_add(setup->plan, "join %d q2", LET_GO_SECONDS);
	for (unsigned int i = 1; i <= setup->drives; i++)
		sg_plan_add(setup->plan, "join %d f%u", LET_GO_SECONDS, i);
	sg_plan_add(setup->plan, "release t1");
	sg_plan_add(setup->plan, "release t2");
	sg_plan_add(setup->plan, "release q1");
	sg_plan_add(setup->plan, "join %d", LET_GO_SECONDS);
}

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan)
{
	struct owners owners[NOWNERS];
	unsigned int order[SG_DRIVES_MAX];
	struct sg_setup setup;
	struct sg_list all;
	int err = sg_setup_init(&setup, &sg_scenario_real_owners, params, topo, plan,
				NOWNERS * EACH, NOWNERS * EACH);

	if (err)
		return err;
	share_out(&setup, owners);
	add_drives(&setup, owners);
	sg_setup_numbers(&setup, order, 1, setup.drives);
	all = sg_list(order, setup.drives);
	sg_setup_modules(&setup);
	start_owners(&setup, owners);
	sg_plan_add(plan, "start removal");
	pull(&setup, owners[KILLED].slots[0], owners[KILLED].slots[1]);
	sg_setup_gap(&setup);
	sg_plan_add(plan, "kill q2");
	sg_plan_add(plan, "sleep %u", sg_rng_range(&setup.rng, 0, STILL_MS));
	sg_plan_add(plan, "%s t2", sg_rng_range(&setup.rng, 0, 1) ? "thaw" : "kill");
	sg_plan_add(plan, "await absent %d%s", LET_GO_SECONDS, all.text);
	sg_plan_add(plan, "stop removal");
	join(&setup);
	return plan->err;
}
