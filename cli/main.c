// SPDX-License-Identifier: GPL-2.0-only
/*
 * main.c - the slotgate command: a table of commands and its dispatch
 */
#include <argp.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"

static int cmd_help(int argc, char **argv);
static int cmd_version(int argc, char **argv);

const struct sg_cmd sg_commands[] = {
	{ "status", cmd_status, NULL, "what slotgate does on this machine (also without a command)",
	  &cmd_status_argp, NULL },
	{ "on", cmd_on, NULL, "load slotgate into this machine's kernel", &cmd_on_argp, NULL },
	{ "off", cmd_off, NULL, "take it out again", &cmd_off_argp, NULL },
	{ "diagnose", cmd_diagnose, NULL, "name the hang of this machine, or of saved evidence",
	  &cmd_diagnose_argp, NULL },
	{ "storm", cmd_storm, "--slots LIST", "try slots of this machine with users of all kinds at once",
	  &cmd_storm_argp, NULL },
	{ "metrics", cmd_metrics, NULL, "its counters for Prometheus", &cmd_metrics_argp, NULL },
	{ "record", cmd_record, "-o FILE", "record locks and waits of this machine", &cmd_record_argp, NULL },
	{ "predict", cmd_predict, "FILE...", "find deadlocks in recordings of quiet runs",
	  &cmd_predict_argp, NULL },
	{ "report", cmd_report, "FOLDER|FILE...", "one page about runs, storms, predictions or hangs",
	  &cmd_report_argp, NULL },
	{ "lab", cmd_lab, "COMMAND", "hang and cure kernels in virtual machines", NULL, lab_commands },
	{ "completion", cmd_completion, "bash|zsh", "what these shells need to complete its commands",
	  &cmd_completion_argp, NULL },
	{ "help", cmd_help, NULL, "this list", NULL, NULL },
	{ "--help", cmd_help, NULL, "the same", NULL, NULL },
	{ "--version", cmd_version, NULL, "version of this program", NULL, NULL },
	{ NULL, NULL, NULL, NULL, NULL, NULL }
};

static int cmd_help(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	sg_cmd_help(sg_commands, "slotgate");
	return SG_EXIT_OK;
}

static int cmd_version(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	printf("slotgate %s\n", SG_VERSION);
	return SG_EXIT_OK;
}

int main(int argc, char **argv)
{
	static char *status[] = { "slotgate status", NULL, NULL };

	argp_err_exit_status = SG_EXIT_USAGE;
	if (argc > 1 && strcmp(argv[1], "--json"))
		return sg_cmd_dispatch(sg_commands, "slotgate", argc - 1, argv + 1);
	status[1] = argc > 1 ? argv[1] : NULL;
	return cmd_status(argc > 1 ? 2 : 1, status);
}
