// SPDX-License-Identifier: GPL-2.0-only
#include "cmd.h"

int lab_demo(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return sg_cmd_fail(SG_EXIT_FAILURE, "lab demo is still to come");
}
