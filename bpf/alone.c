// SPDX-License-Identifier: GPL-2.0-only
/*
 * alone.c - "slotgate record" as a program of its own, static: for guests of the lab
 */
#include <argp.h>

#include "../cli/cmd.h"

int main(int argc, char **argv)
{
	argp_err_exit_status = SG_EXIT_USAGE;
	return cmd_record(argc, argv);
}
