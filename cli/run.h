/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * run.h - what "lab run", "lab board" and "lab demo" share: choice, progress and reports
 */
#ifndef CLI_RUN_H
#define CLI_RUN_H

#include <argp.h>
#include <stdio.h>

#include "slotgate/runs.h"

enum { RUN_SCENARIOS_MAX = 64 };

/**
 * run_add_scenario - one that the user names, once
 * @list: of @count, at most RUN_SCENARIOS_MAX
 *
 * Returns 0, or EINVAL for a name that is not known, which was said.
 */
error_t run_add_scenario(const struct sg_scenario **list, size_t *count, const char *name);

/**
 * run_progress_attach - show the runs' progress on stderr; one line that moves on a terminal
 * @on_start, @on_finish: called before and after that line; may be NULL
 */
void run_progress_attach(struct sg_runs *runs, void (*on_start)(const struct sg_run *run),
			 void (*on_finish)(const struct sg_run *run));

/** run_name - "vfio-close, seed 1, stock" */
void run_name(char *buf, size_t size, const struct sg_run *run);

/** run_report - a run that is over, for people; @explain: also who waits for whom */
void run_report(FILE *out, const struct sg_run *run, bool explain);
/** run_report_summary - one line per scenario; returns the exit code */
int run_report_summary(FILE *out, const struct sg_runs *runs);

/** run_json - all runs that are over */
struct json_object *run_json(const struct sg_runs *runs);

void run_ktap_begin(FILE *out, const struct sg_runs *runs);
void run_ktap_result(FILE *out, const struct sg_runs *runs, const struct sg_run *run);

/**
 * run_is_expected - passed, or a stock run that hung where it has to
 *
 * A stock run may pass even there, as not every seed hangs: whether enough of
 * them did is not known from one run.
 */
bool run_is_expected(const struct sg_run *run);

/** run_exit_code - of all @runs */
int run_exit_code(const struct sg_runs *runs);

/**
 * run_check_ko - is there a module for the runs with slotgate?
 * @ko: the user's own, or NULL
 *
 * Returns an exit code; one that cannot be used is told before any machine is started.
 */
int run_check_ko(const char *ko, const struct sg_kernel *kernel);

/** run_default_jobs - machines that this one carries side by side */
unsigned int run_default_jobs(void);

/** run_decide_kvm - by request or by trial; reports why KVM is not used */
int run_decide_kvm(enum sg_accel accel, const struct sg_kernel *kernel, bool *kvm,
		   struct sg_error *err);

#endif
