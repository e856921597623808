// SPDX-License-Identifier: GPL-2.0-only
/*
 * cost.c - the same work with and without somebody who watches, in turn
 */
#include <slotgate/cost.h>

#include "common.h"

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan);
static int describe_lockdep(const struct sg_params *params, struct sg_topology *topo,
			    struct sg_plan *plan);

enum { COST_SECONDS = 3000, JOIN_SECONDS = 240, ROUNDS = 3, SLOTS = 3 };

const struct sg_scenario sg_scenario_cost = {
	.name = "cost",
	.summary = "the same work unwatched and recorded, in turn",
	.drives = { 0, SLOTS },
	.seconds = COST_SECONDS,
	.counted = true,
	.programs = true,
	.describe = describe,
};

const struct sg_scenario sg_scenario_cost_lockdep = {
	.name = "cost-lockdep",
	.summary = "the same work with lockdep, and after it has given up",
	.drives = { 0, 1 },
	.seconds = COST_SECONDS,
	.counted = true,
	.programs = true,
	.describe = describe_lockdep,
};

/* The first is what the others are compared with. */
const struct sg_cost_way sg_cost_ways[] = {
	{ "stock", NULL },
	{ "record", "record" },
	{ "record-all", "record --all" },
	{ "record-kprobes", "record --kprobes" },
	{ "klockstat", "klockstat" },
	{ NULL, NULL }
};

const struct sg_cost_way sg_cost_lockdep_ways[] = {
	{ "off", NULL },
	{ "lockdep", NULL },
	{ NULL, NULL }
};

/* Hot removal ends lockdep's work. */
enum { PLAIN = 3 };

/* Of the storm's actors those that stock kernels pass. */
#define STORM "storm seed=1 seconds=15 rate=120 jobs=4 patience=240 actors=power,reset,yank 1 2 3"

/* The storm again: by then most stacks are known. */
const struct sg_cost_work sg_cost_works[] = {
	{ "cycle", "cycle c 3 1", NULL },
	{ "storm", STORM, NULL },
	{ "storm-again", STORM, NULL },
	[PLAIN] = { "hackbench", "work hackbench 60", NULL },
	{ "hackbench-p", "work hackbench-p 60", NULL },
	{ "sockets", "work sockets 8000", NULL },
	{ "pipes", "work pipes 10000", NULL },
	{ "files", "work files 5000", NULL },
	{ "maps", "work maps 1000", NULL },
	{ NULL, NULL, NULL }
};

static void add_work(struct sg_plan *plan, const struct sg_cost_work *work, const char *way,
		     unsigned int round)
{
	sg_plan_add(plan, "busy-start");
	sg_plan_add(plan, "%s", work->operation);
	if (work == sg_cost_works)
		sg_plan_add(plan, "join %d c", JOIN_SECONDS);
	sg_plan_add(plan, "busy-stop %s.%s.%u", way, work->name, round);
}

static void add_way(struct sg_plan *plan, const struct sg_cost_way *way, unsigned int round)
{
	if (way->begin) {
		sg_plan_add(plan, "busy-start");
		sg_plan_add(plan, "%s", way->begin);
		sg_plan_add(plan, "busy-stop %s.begin.%u", way->name, round);
	}
	for (const struct sg_cost_work *work = sg_cost_works; work->name; work++)
		add_work(plan, work, way->name, round);
	if (way->begin)
		sg_plan_add(plan, "record-end drop");
}

static void begin(const struct sg_params *params, struct sg_topology *topo, struct sg_plan *plan)
{
	(void)params;
	for (topo->nslots = 0; topo->nslots < SLOTS; topo->nslots++)
		topo->slots[topo->nslots] = (struct sg_slot){ .number = topo->nslots + 1,
							      .has_drive = true };
	sg_plan_add(plan, "untraced");
	sg_plan_add(plan, "modules nvme");
	sg_plan_add(plan, "await present %d 1", READY_SECONDS);
}

/* One round more, which nobody counts: the first time has caches to fill. */
static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan)
{
	unsigned int rounds = params->rounds ? params->rounds : ROUNDS;

	begin(params, topo, plan);
	add_way(plan, &sg_cost_ways[0], 0);
	for (unsigned int round = 1; round <= rounds; round++)
		for (const struct sg_cost_way *way = sg_cost_ways; way->name; way++)
			add_way(plan, way, round);
	return plan->err;
}

/* Switching the slot off makes lockdep report, upon which it does nothing any more. */
static int describe_lockdep(const struct sg_params *params, struct sg_topology *topo,
			    struct sg_plan *plan)
{
	unsigned int rounds = params->rounds ? params->rounds : ROUNDS;

	begin(params, topo, plan);
	for (int off = 0; off <= 1; off++) {
		for (unsigned int round = 0; round <= rounds; round++)
			for (const struct sg_cost_work *work = &sg_cost_works[PLAIN]; work->name; work++)
				add_work(plan, work, off ? "off" : "lockdep", round);
		if (!off) {
			sg_plan_add(plan, "cycle c 1 1");
			sg_plan_add(plan, "join %d c", JOIN_SECONDS);
		}
	}
	return plan->err;
}
