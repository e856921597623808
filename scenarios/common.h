/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * common.h - what the scenarios share: machines, slot lists, set-up of the guest
 *
 * Deadlines are for emulated machines on busy hosts.  They may be generous,
 * since a deadlock lasts for ever: what they cost, a hung run costs once.
 */
#ifndef SLOTGATE_SCENARIO_COMMON_H
#define SLOTGATE_SCENARIO_COMMON_H

#include <errno.h>

#include <slotgate/plan.h>
#include <slotgate/scenario.h>

#define READY_SECONDS 60	/* for what has to happen before the test begins */
#define VERDICT_SECONDS 20	/* for what must not hang */
#define GAP_MS 300		/* longest random gap between two operations */

/** struct sg_setup - one description in the making */
struct sg_setup {
	struct sg_rng rng;
	struct sg_topology *topo;
	struct sg_plan *plan;
	unsigned int drives;
};

/** struct sg_list - slot numbers as words of a plan's line: " 3 1 2" */
struct sg_list {
	char text[SG_DRIVES_MAX * 4 + 1];
};

/**
 * sg_setup_init - begin a description
 * @low, @high: number of drives to choose from when the user did not say
 *
 * Returns -ERANGE if the user's number is not within the scenario's limits.
 */
int sg_setup_init(struct sg_setup *setup, const struct sg_scenario *scenario,
		  const struct sg_params *params, struct sg_topology *topo,
		  struct sg_plan *plan, unsigned int low, unsigned int high);

/** sg_setup_slot - add a slot with a drive, below a switch's slot @parent or 0 */
void sg_setup_drive(struct sg_setup *setup, unsigned int number, unsigned int parent);
/** sg_setup_sriov - the same, with virtual functions */
void sg_setup_sriov(struct sg_setup *setup, unsigned int number, unsigned int functions);
void sg_setup_switch(struct sg_setup *setup, unsigned int number);

/** sg_setup_modules - load modules, and slotgate before or after vfio */
void sg_setup_modules(struct sg_setup *setup);

/** sg_setup_vfio - the same without a driver for drives that vfio does not take */
void sg_setup_vfio(struct sg_setup *setup);

/** sg_setup_xen - be domain 0, load xen-pciback for @drives, and slotgate before or after that */
void sg_setup_xen(struct sg_setup *setup, const char *backend, struct sg_list drives);

/** sg_setup_functions - switch virtual functions on, the last one for vfio, the others without driver */
void sg_setup_functions(struct sg_setup *setup, unsigned int number, unsigned int count);

/**
 * sg_setup_hold_up - a rescan, process h, finds drive @number, whose driver takes its time
 *
 * It has the rescan/remove lock until sg_setup_go_on().  No other drive may be without a driver.
 */
void sg_setup_hold_up(struct sg_setup *setup, unsigned int number);
void sg_setup_go_on(struct sg_setup *setup);

/** sg_setup_gap - a random pause, often none */
void sg_setup_gap(struct sg_setup *setup);

/** sg_setup_numbers - @count slot numbers from @first on, shuffled */
void sg_setup_numbers(struct sg_setup *setup, unsigned int *ret, unsigned int first,
		      unsigned int count);

struct sg_list sg_list(const unsigned int *numbers, unsigned int count);

#endif
