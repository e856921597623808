// SPDX-License-Identifier: GPL-2.0-only
/*
 * slotgate off - take slotgate out of this machine's kernel
 */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "patch_switch.h"

static error_t parse(int key, char *arg, struct argp_state *state)
{
	if (key == ARGP_KEY_ARG)
		argp_error(state, "unexpected argument \"%s\"", arg);
	return ARGP_ERR_UNKNOWN;
}

const struct argp cmd_off_argp = {
	.parser = parse,
	.doc = "Take slotgate out of this machine's kernel, wait until no task runs it, and remove the module.",
};

static int failed(int err)
{
	if (err == -EACCES || err == -EPERM)
		return sg_cmd_fail(SG_EXIT_FAILURE, "off: switching a livepatch off needs root");
	if (err == -EBUSY)
		return sg_cmd_fail(SG_EXIT_FAILURE,
				   "off: another livepatch is just being switched; try again when it is done");
	return sg_cmd_fail(SG_EXIT_FAILURE, "off: %s", strerror(-err));
}

int cmd_off(int argc, char **argv)
{
	const struct sg_watch *watch = sg_cmd_watch();
	enum sg_patch_state state = sg_patch_state("");
	int err = 0;

	if (argp_parse(&cmd_off_argp, argc, argv, 0, NULL, NULL))
		return SG_EXIT_USAGE;
	if (state == SG_PATCH_NONE) {
		printf("slotgate is off: it was not loaded\n");
		return SG_EXIT_OK;
	}

	if (state == SG_PATCH_ON || state == SG_PATCH_SWITCHING_ON)
		err = sg_patch_disable("");
	if (!err && patch_wait(SG_PATCH_SWITCHING_OFF, watch))
		return sg_cmd_fail(SG_EXIT_FAILURE,
				   "off: stopped waiting; the kernel goes on switching off by itself, and the module stays loaded");
	if (!err)
		err = patch_module(NULL);
	if (err)
		return failed(err);
	printf("slotgate is off and unloaded\n");
	return SG_EXIT_OK;
}
