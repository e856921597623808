/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * quiet.h - the paths of the scoreboard's rows, one after the other
 *
 * A quiet run does what a row's tasks do, but never two things at once, so that
 * nothing can hang.  What is recorded meanwhile is to show the row's deadlock.
 */
#ifndef SLOTGATE_QUIET_H
#define SLOTGATE_QUIET_H

#include "slotgate/scenario.h"

#define SG_QUIET_TASKS 4

/**
 * struct sg_quiet - one row
 * @row:    scenario whose paths these are
 * @series: kernels that have the deadlock
 * @reason: why no deadlock is to be seen in it, NULL if one is
 * @slots:  what the machine has, an empty one at the end
 * @modules: groups that the guest loads
 * @before: lines of the plan before recording begins, and
 * @plan:   those that are recorded.  "> OPERATION" stands for an operation that starts a
 *          process called p, and for waiting until it has ended
 * @waits:  what the tasks of the deadlock wait for, as "slotgate predict" words it,
 *          each a pattern as the shell's; as many as tasks
 */
struct sg_quiet {
	const char *row;
	const char *series;
	const char *reason;
	struct sg_slot slots[4];
	const char *modules;
	const char *before;
	const char *plan;
	const char *waits[SG_QUIET_TASKS + 1];
};

/** sg_quiet_rows - an empty one at the end */
extern const struct sg_quiet sg_quiet_rows[];

const struct sg_quiet *sg_quiet_find(const char *row);

/** sg_quiet_on - has a kernel @release this row? */
bool sg_quiet_on(const struct sg_quiet *quiet, const char *release);

/** sg_scenario_quiet - carries out row number @seed of the table */
extern const struct sg_scenario sg_scenario_quiet;

#endif
