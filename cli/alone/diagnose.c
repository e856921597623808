// SPDX-License-Identifier: GPL-2.0-only
/*
 * diagnose.c - `slotgate diagnose` as a program of its own
 *
 * Static, so that it can be copied to a machine that hangs and must not be
 * changed, or be part of an initramfs.
 */
#include <argp.h>

#include "../cmd.h"

int main(int argc, char **argv)
{
	argp_err_exit_status = SG_EXIT_USAGE;
	return cmd_diagnose(argc, argv);
}
