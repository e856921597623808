// SPDX-License-Identifier: GPL-2.0-only
/*
 * livepatch.c - livepatches come and go: slotgate, and others beside it
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent.h"
#include "slotgate/livepatch.h"

#define SLOTGATE "slotgate"
#define FOLDER "/sys/kernel/livepatch"
#define TRANSITION_SECONDS 60

static bool transition_over(void *name)
{
	char value[8];

	return !file_read(value, sizeof(value), FOLDER "/%s/transition", (char *)name) &&
	       !strcmp(value, "0");
}

static bool patch_gone(void *name)
{
	return !file_exists(FOLDER "/%s", (char *)name);
}

/* slotgate.ko lies in /sg itself, what only tests load in a folder below. */
static void module_path(const char *name, char *ret, size_t size)
{
	snprintf(ret, size, "/sg/%s%s.ko", strcmp(name, SLOTGATE) ? "extra/" : "", name);
}

static void insert(const char *name)
{
	char path[128];
	int err;

	module_path(name, path, sizeof(path));
	err = module_insert(path, "");
	if (err)
		die("%s was refused: %s", name, strerror(-err));
}

static void await_transition(char *name)
{
	if (!wait_for(TRANSITION_SECONDS, transition_over, name))
		hung("the transition of %s is not complete after %d s", name, TRANSITION_SECONDS);
}

void livepatch_load(char *name)
{
	insert(name);
	await_transition(name);
}

struct removal {
	const char *name;
	int err;
};

/* The livepatch core may hold the module for a moment after its folder is gone. */
static bool deleted(void *arg)
{
	struct removal *removal = arg;

	removal->err = syscall(SYS_delete_module, removal->name, O_NONBLOCK) ? -errno : 0;
	return removal->err != -EWOULDBLOCK && removal->err != -EBUSY;
}

void livepatch_unload(char *name)
{
	struct removal removal = { .name = name };
	char path[128];
	int err;

	snprintf(path, sizeof(path), FOLDER "/%s/enabled", name);
	err = file_write(path, "0");
	if (err)
		die("%s cannot be disabled: %s", name, strerror(-err));
	if (!wait_for(TRANSITION_SECONDS, patch_gone, name))
		hung("%s is not disabled after %d s", name, TRANSITION_SECONDS);
	if (!wait_for(TRANSITION_SECONDS, deleted, &removal))
		hung("%s is still in use %d s after it was disabled", name, TRANSITION_SECONDS);
	if (removal.err)
		die("%s cannot be removed: %s", name, strerror(-removal.err));
}

/* No file is a stock run: the same plan, without slotgate. */
static bool is_stock_run(void)
{
	return !file_exists("/sg/" SLOTGATE ".ko");
}

static char slotgate[] = SLOTGATE;

void slotgate_insert(void)
{
	if (!is_stock_run())
		insert(slotgate);
}

void slotgate_await(void)
{
	if (!is_stock_run())
		await_transition(slotgate);
}

void slotgate_load(void)
{
	slotgate_insert();
	slotgate_await();
}

void slotgate_unload(void)
{
	if (!is_stock_run())
		livepatch_unload(slotgate);
}

/* Loading must fail, and the kernel log must give the reason. */
void livepatch_refused(const char *name, const char *reason)
{
	char path[128];
	int err;

	module_path(name, path, sizeof(path));
	err = module_insert(path, "");
	if (!err)
		wrong("%s was loaded and should have been refused", name);
	if (!klog_has(reason))
		wrong("%s was refused (%s), but the kernel log does not say \"%s\"", name,
		    strerror(-err), reason);
}

/** takeovers_are - must be what "slotgate status" says: one @function, or "none" */
void takeovers_are(const char *function)
{
	struct sg_patch_status status;
	const char *found = "none";

	if (sg_patch_read("", &status))
		die("out of memory");
	if (status.ntakeovers)
		found = status.takeovers[0].function;
	if (status.ntakeovers > 1 || strcmp(found, function))
		wrong("%zu functions are taken over, the first is %s; expected %s",
		      status.ntakeovers, found, function);
	sg_patch_status_deinit(&status);
}
