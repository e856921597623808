/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * scenario.h - what a lab scenario is, and the plan that the guest carries out
 *
 * A scenario is host-side only.  It describes a machine (slots and what is in
 * them) and, for a seed, writes a plan: a list of operations, one per line,
 * that the agent (PID 1 of the guest) carries out.  The agent knows
 * operations, not scenarios.  docs/PLAN.md lists the operations.
 *
 * Errors are negative errno values throughout.
 */
#ifndef SLOTGATE_SCENARIO_H
#define SLOTGATE_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SG_DRIVES_MAX 64	/* root ports that fit q35's bus 0 as multifunction */
#define SG_SLOTS_MAX (2 * SG_DRIVES_MAX)	/* those of switches come in addition */

/**
 * struct sg_params - what the user may vary
 * @seed:   the same seed gives the same plan
 * @drives: number of drives, 0 for the scenario's own choice
 * @rounds: how often to repeat what the scenario repeats, 0 for its own choice
 */
struct sg_params {
	uint64_t seed;
	unsigned int drives;
	unsigned int rounds;
};

/**
 * struct sg_slot - one hot-plug slot of the emulated machine
 * @number:      physical slot number, as in /sys/bus/pci/slots/
 * @parent:      number of the slot that holds the switch this slot belongs
 *               to, 0 for a slot of a root port
 * @is_switch:   the slot holds a switch; slots naming it as @parent are its
 *               downstream ports
 * @has_drive:   the slot holds an NVMe drive
 * @network:     a network card instead of that drive; it has no reset of its own
 * @slot_reset:  a SAS controller instead of that drive, which has no reset of
 *               its own: it can be reset through its slot only, also by kernels
 *               before 5.15, which take what comes first
 * @no_power:    the slot has no power controller: a drive that is switched off
 *               keeps its state
 * @slow:        seconds that this drive takes to read half a MiB once it has read
 *               as much, 0: none
 * @max_vfs:     SR-IOV virtual functions of that drive, 0 for none
 */
struct sg_slot {
	unsigned int number;
	unsigned int parent;
	bool is_switch;
	bool has_drive;
	bool network;
	bool slot_reset;
	bool no_power;
	unsigned int slow;
	unsigned int max_vfs;
};

/**
 * struct sg_topology - the machine that a scenario needs
 * @poison: memory is overwritten when it is freed
 * @xen: the kernel is dom0 of Xen
 * @xen_iommu: and Xen has an IOMMU, without which xl gives no drive to a guest
 */
struct sg_topology {
	bool poison;
	bool xen;
	bool xen_iommu;
	struct sg_slot slots[SG_SLOTS_MAX];
	unsigned int nslots;
};

struct sg_plan;			/* plan.h: growing list of operation lines */
struct sg_rng;			/* rng.h: seeded random numbers */

/**
 * struct sg_skip - kernels on which a scenario cannot be run
 * @series: as sg_scenario.hangs_on; NULL ends a list of them
 * @reason: what those kernels, or the machine with them, have not
 *
 * A kernel that merely lacks the defect is none of these: it is run, and passes.
 */
struct sg_skip {
	const char *series;
	const char *reason;
};

/**
 * struct sg_scenario - one row of the scoreboard
 * @name:     as on the command line
 * @summary:  one line for "lab list"
 * @cycle:    who holds what and waits for whom, on a stock kernel
 * @hangs_on: kernel series whose stock kernel was seen to fail, e.g. "5.10 6.1":
 *            it has to, and all others have to pass; NULL if none does
 * @skips:    kernel series to leave out, NULL if there are none
 * @drives:   smallest and largest number of drives the scenario accepts
 * @seconds:  time limit of a run that takes longer than the lab's usual one; 0: usual
 * @slotgate_only: there is nothing to run on a stock kernel: skipped there
 * @counted:  in a machine with one processor whose clock counts instructions
 * @programs: it runs programs of the distribution, which the guest has to have
 * @xen: its machine has Xen
 * @by_name: takes long and is not on the scoreboard: run when it is asked for
 * @stock_between: events also come while slotgate is not loaded
 * @describe: fill in topology and plan for @params; both are deterministic in
 *            @params.  Returns 0 or a negative errno, -ERANGE for a number of
 *            drives outside of @drives.
 */
struct sg_scenario {
	const char *name;
	const char *summary;
	const char *cycle;
	const char *hangs_on;
	const struct sg_skip *skips;
	struct { unsigned int min, max; } drives;
	bool slotgate_only;
	bool counted;
	bool programs;
	bool xen;
	bool by_name;
	bool stock_between;
	unsigned int seconds;
	int (*describe)(const struct sg_params *params, struct sg_topology *topo,
			struct sg_plan *plan);
};

/** sg_scenarios - all scenarios, terminated by NULL (scenarios/list.c) */
extern const struct sg_scenario *const sg_scenarios[];

/** sg_series_known - the kernel series that scenarios speak of, oldest first, NULL at the end */
extern const char *const sg_series_known[];

/** sg_series - the known series that kernel @release ("6.1.0-56-amd64") counts as */
const char *sg_series(const char *release);

/** sg_series_has - is kernel @release of one of the series in @list? */
bool sg_series_has(const char *list, const char *release);

/** sg_scenario_fails_on - has the stock kernel @release to fail? */
bool sg_scenario_fails_on(const struct sg_scenario *scenario, const char *release);

/** sg_scenario_skipped_on - why it cannot be run on @release, or NULL */
const char *sg_scenario_skipped_on(const struct sg_scenario *scenario, const char *release);

/** sg_scenario_find - scenario called @name, or NULL */
const struct sg_scenario *sg_scenario_find(const char *name);

#endif
