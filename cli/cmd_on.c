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
#include "file.h"
#include "patch_switch.h"
#include "service.h"
#include "slotgate/cleanup.h"
#include "slotgate/strv.h"

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

const struct argp cmd_on_argp = {
	.options = options,
	.parser = parse,
	.doc = "Load slotgate into this machine's kernel and wait until every task runs it.",
};

/* Where an installed module may be, and where a build puts it; %s is the release. */
static const char *const places[] = {
	"/lib/modules/%s/updates/dkms/slotgate.ko",
	"/lib/modules/%s/updates/slotgate.ko",
	"/lib/modules/%s/extra/slotgate.ko",
	"build/kmod/%s/slotgate.ko",
	NULL
};

static const char *const suffixes[] = { "", ".xz", ".zst", ".gz", NULL };

static bool is_there(const char *place, const char *suffix, const char *release, char *ret,
		     size_t size)
{
	int n = snprintf(ret, size, place, release);

	return snprintf(ret + n, size - n, "%s", suffix) >= 0 && !access(ret, F_OK);
}

/* The generator of the module's header knows whether a module can be made for this kernel. */
static char *why_missing(const char *release)
{
	sg_autofree char *layout = sg_own_file("slotgate-layout");
	char *const argv[] = { layout, (char *)"/sys/kernel/btf/vmlinux", NULL };
	struct sg_error err = {0};

	if (!layout || access(layout, X_OK))
		return strdup("looked in /lib/modules and build/kmod");
	if (sg_command(argv, NULL, NULL, &err))
		return sg_format("%s", err.text);
	return sg_format("this kernel is known: with slotgate-dkms and linux-headers-%s "
			 "installed the module is made", release);
}

static int find_module(char *ret, size_t size)
{
	sg_autofree char *why = NULL;
	struct utsname name;

	uname(&name);
	for (const char *const *place = places; *place; place++)
		for (const char *const *suffix = suffixes; *suffix; suffix++)
			if (is_there(*place, *suffix, name.release, ret, size))
				return SG_EXIT_OK;
	why = why_missing(name.release);
	return service_fail("on: no slotgate.ko for kernel %s (%s)", name.release, why ? why : "");
}

/* A kernel that wants signatures knows the keys of its distribution, and those of the firmware. */
static char *why_not_trusted(const char *path)
{
	sg_autofree char *signer = patch_signer(path);

	return sg_format("this kernel takes only modules signed with a key it knows, as with Secure Boot; "
			 "this one is %s%s%s; the key of dkms is made known to it with "
			 "\"mokutil --import /var/lib/dkms/mok.pub\" and a restart",
			 signer ? "signed by \"" : "not signed", signer ? signer : "",
			 signer ? "\", whose key it does not know" : "");
}

/* Root, too, is not permitted to where the kernel has been told to be careful. */
static char *why_not_permitted(const char *path)
{
	char off[8];

	if (geteuid())
		return strdup("loading a module needs root");
	if (!file_read(off, sizeof(off), "/proc/sys/kernel/modules_disabled") && *off == '1')
		return strdup("this kernel takes no more modules until it is restarted (kernel.modules_disabled)");
	return why_not_trusted(path);
}

static int refused(const char *path, int err)
{
	sg_autofree char *reason = NULL;

	if (err == -EPERM || err == -EKEYREJECTED) {
		reason = why_not_permitted(path);
		return service_fail("on: %s: %s", path, reason ? reason : strerror(-err));
	}
	if (err != -ENOENT && err != -ENOMEM)
		reason = patch_reason();
	return service_fail("on: %s: %s%s%s%s", path, strerror(-err), reason ? " (" : "",
			    reason ? reason : "", reason ? ")" : "");
}

static int load(const char *module)
{
	char found[PATH_MAX];
	int err = module ? SG_EXIT_OK : find_module(found, sizeof(found));

	if (err)
		return err;
	module = module ? module : found;
	err = patch_module(module);
	return err ? refused(module, err) : SG_EXIT_OK;
}

int cmd_on(int argc, char **argv)
{
	const struct sg_watch *watch = sg_cmd_watch();
	enum sg_patch_state state = sg_patch_state("");
	const char *module = NULL;
	int err = SG_EXIT_OK;

	if (argp_parse(&cmd_on_argp, argc, argv, 0, NULL, &module))
		return SG_EXIT_USAGE;
	if (state == SG_PATCH_SWITCHING_OFF || state == SG_PATCH_OFF)
		return service_fail("on: slotgate is %s; \"slotgate off\" completes that",
				    sg_patch_state_name(state));
	if (state == SG_PATCH_NONE)
		err = load(module);
	if (err)
		return err;
	if (patch_wait(SG_PATCH_SWITCHING_ON, watch))
		return service_fail("on: stopped waiting; the kernel goes on switching on by itself");
	service_say("slotgate is on%s", state == SG_PATCH_ON ? " already" : "");
	return SG_EXIT_OK;
}
