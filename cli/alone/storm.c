// SPDX-License-Identifier: GPL-2.0-only
/*
 * storm.c - `slotgate storm` as a program of its own
 *
 * Static, for machines that may not install anything, and for guests.
 */
#include <argp.h>

#include "../cmd.h"

int main(int argc, char **argv)
{
	argp_err_exit_status = SG_EXIT_USAGE;
	return cmd_storm(argc, argv);
}
