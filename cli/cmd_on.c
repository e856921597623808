// SPDX-License-Identifier: GPL-2.0-only
/*
 * slotgate on [--module FILE] - load slotgate into this machine's kernel
 */
#include <argp.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cmd.h"
#include "patch_switch.h"
#include "slotgate/cleanup.h"

static const struct argp_option options[] = {
	{ "module", 'm', "FILE", 0, "the slotgate.ko to load", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	const char **module = state->input;

	if (key == ARGP_KEY_ARG)
		argp_error(state, "unexpected argument \"%s\"", arg);
	if (key != 'm')
		return ARGP_ERR_UNKNOWN;
	*module = arg;
	return 0;
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.doc = "Load slotgate into this machine's kernel and wait until every task runs it.",
};

/* Where an installed module may be, and where a build puts it; %s is the release. */
static const char *const places[] = {
	"/lib/modules/%s/updates/dkms/slotgate.ko",
	"/lib/modules/%s/extra/slotgate.ko",
	"build/kmod/%s/slotgate.ko",
	NULL
};

static int find_module(char *ret, size_t size)
{
	struct utsname name;

	uname(&name);
	for (const char *const *place = places; *place; place++) {
		snprintf(ret, size, *place, name.release);
		if (!access(ret, F_OK))
			return 0;
	}
	return sg_cmd_fail(SG_EXIT_FAILURE,
			   "on: no slotgate.ko for kernel %s (looked in /lib/modules and build/kmod)",
			   name.release);
}

static int refused(const char *path, int err)
{
	sg_autofree char *reason = NULL;

	if (err == -EPERM)
		return sg_cmd_fail(SG_EXIT_FAILURE, "on: loading a module needs root");
	if (err != -ENOENT && err != -ENOMEM)
		reason = patch_reason();
	return sg_cmd_fail(SG_EXIT_FAILURE, "on: %s: %s%s%s%s", path, strerror(-err),
			   reason ? " (" : "", reason ? reason : "", reason ? ")" : "");
}

int cmd_on(int argc, char **argv)
{
	const struct sg_watch *watch = sg_cmd_watch();
	const char *module = NULL;
	char found[PATH_MAX];
	int err;

	if (argp_parse(&argp, argc, argv, 0, NULL, &module))
		return SG_EXIT_USAGE;
	if (sg_patch_state("") != SG_PATCH_NONE)
		return sg_cmd_fail(SG_EXIT_FAILURE, "on: slotgate is already loaded (%s)",
				   sg_patch_state_name(sg_patch_state("")));
	if (!module) {
		err = find_module(found, sizeof(found));
		if (err)
			return err;
		module = found;
	}

	err = patch_module(module);
	if (err)
		return refused(module, err);
	if (patch_wait(SG_PATCH_SWITCHING_ON, watch))
		return sg_cmd_fail(SG_EXIT_FAILURE,
				   "on: stopped waiting; the kernel goes on switching on by itself");
	printf("slotgate is on\n");
	return SG_EXIT_OK;
}
