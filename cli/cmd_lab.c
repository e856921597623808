// SPDX-License-Identifier: GPL-2.0-only
/*
 * cmd_lab.c - slotgate lab COMMAND
 */
#include <string.h>

#include "cmd.h"

static const struct sg_cmd commands[] = {
	{ "list", lab_list, NULL, "the scenarios" },
	{ "run", lab_run, "SCENARIO...", "run them on a stock kernel and with slotgate" },
	{ "board", lab_board, "[LINE...]", "all of them on all kernels: the scoreboard" },
	{ "storm", lab_storm, NULL, "users of all kinds let loose on many slots at once" },
	{ "predict", lab_predict, "[ROW...]", "record each row's paths one at a time, predict its deadlock" },
	{ "shell", lab_shell, "[SCENARIO]", "a shell in the machine of a scenario" },
	{ "kernels", lab_kernels, "[LINE...]", "the kernels at hand" },
	{ "demo", lab_demo, NULL, "the hang, its cure, and 20 drives at once" },
	{ NULL, NULL, NULL, NULL }
};

int cmd_lab(int argc, char **argv)
{
	if (argc < 2) {
		sg_cmd_help(commands, "slotgate lab");
		return SG_EXIT_USAGE;
	}
	if (!strcmp(argv[1], "help") || !strcmp(argv[1], "--help")) {
		sg_cmd_help(commands, "slotgate lab");
		return SG_EXIT_OK;
	}
	return sg_cmd_dispatch(commands, "slotgate lab", argc - 1, argv + 1);
}
