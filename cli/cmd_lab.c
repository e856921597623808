// SPDX-License-Identifier: GPL-2.0-only
/*
 * cmd_lab.c - slotgate lab COMMAND
 */
#include <string.h>

#include "cmd.h"

const struct sg_cmd lab_commands[] = {
	{ "list", lab_list, NULL, "the scenarios", &lab_list_argp, NULL },
	{ "run", lab_run, "SCENARIO...", "run them on a stock kernel and with slotgate", &lab_run_argp, NULL },
	{ "board", lab_board, "[LINE...]", "all of them on all kernels: the scoreboard",
	  &lab_board_argp, NULL },
	{ "storm", lab_storm, NULL, "users of all kinds let loose on many slots at once",
	  &lab_storm_argp, NULL },
	{ "predict", lab_predict, "[ROW...]", "record each row's paths one at a time, predict its deadlock",
	  &lab_predict_argp, NULL },
	{ "cost", lab_cost, NULL, "what recording costs, in instructions of the guest",
	  &lab_cost_argp, NULL },
	{ "scale", lab_scale, NULL, "how long removals take, by the number of drives",
	  &lab_scale_argp, NULL },
	{ "shell", lab_shell, "[SCENARIO]", "a shell in the machine of a scenario", &lab_shell_argp, NULL },
	{ "kernels", lab_kernels, "[LINE...]", "the kernels at hand", &lab_kernels_argp, NULL },
	{ "demo", lab_demo, NULL, "the hang, its cure, and 20 drives at once", &lab_demo_argp, NULL },
	{ NULL, NULL, NULL, NULL, NULL, NULL }
};

int cmd_lab(int argc, char **argv)
{
	if (argc < 2) {
		sg_cmd_help(lab_commands, "slotgate lab");
		return SG_EXIT_USAGE;
	}
	if (!strcmp(argv[1], "help") || !strcmp(argv[1], "--help")) {
		sg_cmd_help(lab_commands, "slotgate lab");
		return SG_EXIT_OK;
	}
	return sg_cmd_dispatch(lab_commands, "slotgate lab", argc - 1, argv + 1);
}
