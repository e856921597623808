/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cmd.h - what the commands share
 *
 * A command gets its own name as argv[0] and returns the program's exit code.
 */
#ifndef CLI_CMD_H
#define CLI_CMD_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "slotgate/lab.h"

enum {
	SG_EXIT_OK = 0,
	SG_EXIT_FAILURE = 1,	/* a finding, or it could not be done */
	SG_EXIT_USAGE = 2,
	SG_EXIT_SKIPPED = 77,
};

struct argp;

struct sg_cmd {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *args;	/* for the help; NULL if none */
	const char *summary;
	const struct argp *argp;	/* its options; NULL if it has none */
	const struct sg_cmd *commands;	/* its own commands; NULL if it has none */
};

/** sg_cmd_dispatch - run the command of @table (NULL name at the end) that argv[0] names */
int sg_cmd_dispatch(const struct sg_cmd *table, const char *context, int argc, char **argv);
void sg_cmd_help(const struct sg_cmd *table, const char *context);

/** sg_cmd_fail - print one line "slotgate: REASON" and return @exit_code */
int sg_cmd_fail(int exit_code, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** sg_cmd_watch - progress on stderr, an end at SIGINT, SIGTERM and SIGHUP */
const struct sg_watch *sg_cmd_watch(void);

int cmd_status(int argc, char **argv);
int cmd_on(int argc, char **argv);
int cmd_off(int argc, char **argv);
int cmd_metrics(int argc, char **argv);
int cmd_record(int argc, char **argv);
int cmd_predict(int argc, char **argv);
int cmd_diagnose(int argc, char **argv);
int cmd_storm(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_completion(int argc, char **argv);
int cmd_lab(int argc, char **argv);

int lab_list(int argc, char **argv);
int lab_run(int argc, char **argv);
int lab_shell(int argc, char **argv);
int lab_kernels(int argc, char **argv);
int lab_demo(int argc, char **argv);
int lab_predict(int argc, char **argv);
int lab_cost(int argc, char **argv);
int lab_scale(int argc, char **argv);
int lab_board(int argc, char **argv);
int lab_storm(int argc, char **argv);

/* The tables of commands, and the options of each that has some. */
extern const struct sg_cmd sg_commands[], lab_commands[];
extern const struct argp cmd_status_argp, cmd_on_argp, cmd_off_argp, cmd_diagnose_argp, cmd_metrics_argp,
	cmd_record_argp, cmd_predict_argp, cmd_storm_argp, cmd_report_argp, cmd_completion_argp;
extern const struct argp lab_list_argp, lab_run_argp, lab_board_argp, lab_storm_argp, lab_predict_argp,
	lab_cost_argp, lab_scale_argp, lab_shell_argp, lab_kernels_argp, lab_demo_argp;

#endif
