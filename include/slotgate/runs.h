/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * runs.h - a list of runs: scenarios, seeds, stock and with slotgate
 */
#ifndef SLOTGATE_RUNS_H
#define SLOTGATE_RUNS_H

#include "slotgate/plan.h"
#include "slotgate/vm.h"

/** struct sg_run - one boot of one scenario */
struct sg_run {
	const struct sg_scenario *scenario;
	struct sg_params params;
	bool with_slotgate;
	struct sg_topology topology;
	struct sg_plan plan;
	char *keep;
	struct sg_vm_spec spec;
	struct sg_vm *vm;
	bool finished;
	struct sg_result result;
	const struct sg_runs *runs;
};

/**
 * struct sg_runs - what all of them share, and the list
 * @ko:        used by the runs with slotgate; NULL for the kernel's own
 * @keep:      folder with a folder per run; NULL: nothing is kept
 * @packed:    boot the kernel's image as it is; else what is in it, where QEMU can
 * @on_record: told each record of each run
 * @on_start, @on_finish: told when a run begins and ends
 */
struct sg_runs {
	const struct sg_kernel *kernel;
	const char *ko;
	const char *keep;
	bool kvm;
	bool packed;
	unsigned int timeout;
	unsigned int jobs;
	void (*on_start)(void *data, const struct sg_run *run);
	void (*on_record)(void *data, const struct sg_run *run, const char *type,
			  struct json_object *record);
	void (*on_finish)(void *data, const struct sg_run *run);
	void *data;
	struct sg_run *list;
	size_t count;
	struct sg_blob base;
	struct sg_blob programs;	/* empty if no scenario wants them */
	struct sg_xen xen;
	int vmlinux_fd;
};

void sg_runs_deinit(struct sg_runs *runs);

/** sg_runs_add - plan one more run */
int sg_runs_add(struct sg_runs *runs, const struct sg_scenario *scenario,
		const struct sg_params *params, bool with_slotgate, struct sg_error *err);

/**
 * sg_runs_execute - carry all of them out, @jobs at a time
 *
 * A run that cannot be started ends all others with an error; what a run ends
 * in is in its result.  -EINTR when stopped.
 */
int sg_runs_execute(struct sg_runs *runs, const struct sg_watch *watch, struct sg_error *err);

/**
 * struct sg_tally - verdicts of a scenario's runs of one kind
 */
struct sg_tally {
	unsigned int runs;
	unsigned int verdicts[SG_STOPPED + 1];
};

struct sg_tally sg_runs_tally(const struct sg_runs *runs, const struct sg_scenario *scenario,
			      bool with_slotgate);

/**
 * sg_runs_ok - did @scenario show what it is for?
 *
 * Stock hung, crashed or went wrong in most seeds if its kernel has to, whether
 * or not there is something to compare with.  All other runs passed.
 */
bool sg_runs_ok(const struct sg_runs *runs, const struct sg_scenario *scenario);

/** sg_runs_ok_as - the same of its stock runs or of those with slotgate alone */
bool sg_runs_ok_as(const struct sg_runs *runs, const struct sg_scenario *scenario,
		   bool with_slotgate);

/** sg_agent_path - the guest's PID 1, beside this program */
int sg_agent_path(char **ret, struct sg_error *err);

#endif
