/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cost.h - what it costs to watch locks, or to have slotgate: ways to work, and the work
 *
 * A run reports "WAY.WORK.ROUND" for each, round 0 being there to warm up.
 */
#ifndef SLOTGATE_COST_H
#define SLOTGATE_COST_H

#include "slotgate/scenario.h"

/** struct sg_cost_way - @begin: operation of the plan, ended by "record-end"; NULL: none */
struct sg_cost_way {
	const char *name, *begin;
};

/** struct sg_cost_work - @prepare: operations before it, not counted; NULL: none */
struct sg_cost_work {
	const char *name, *operation, *prepare;
};

/** Each ends with an empty one; the first way is what the others are compared with. */
extern const struct sg_cost_way sg_cost_ways[], sg_cost_lockdep_ways[], sg_cost_idle_ways[];
extern const struct sg_cost_work sg_cost_works[], sg_cost_idle_works[];

/** sg_scenario_cost, sg_scenario_cost_lockdep - for any kernel, and for one with lockdep */
extern const struct sg_scenario sg_scenario_cost, sg_scenario_cost_lockdep;

/** sg_scenario_cost_idle - one slot that nobody else wants, as it is and with slotgate */
extern const struct sg_scenario sg_scenario_cost_idle;

#endif
