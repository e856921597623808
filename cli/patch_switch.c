// SPDX-License-Identifier: GPL-2.0-only
/*
 * patch_switch.c - what "on" and "off" share
 */
#include <errno.h>
#include <libkmod.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <time.h>

#include "patch_switch.h"
#include "slotgate/cleanup.h"

#define POLL_MS 100
#define SAY_EVERY 50	/* polls */

enum { KLOG_READ_ALL = 3, KLOG_SIZE = 10 };

int patch_wait(enum sg_patch_state state, const struct sg_watch *watch)
{
	static const struct timespec pause = { .tv_nsec = POLL_MS * 1000000 };

	for (unsigned int polls = 1; sg_patch_state("") == state; polls++) {
		if (sg_watch_stopped(watch))
			return -EINTR;
		if (polls % SAY_EVERY == 0)
			sg_watch_say(watch, "%s: waiting for tasks inside the patched functions (%u s)",
				     sg_patch_state_name(state), polls * POLL_MS / 1000);
		nanosleep(&pause, NULL);
	}
	return 0;
}

static int with_module(struct kmod_ctx *ctx, const char *path)
{
	struct kmod_module *module;
	int err;

	err = path ? kmod_module_new_from_path(ctx, path, &module)
		   : kmod_module_new_from_name(ctx, "slotgate", &module);
	if (err < 0)
		return err;
	err = path ? kmod_module_insert_module(module, 0, NULL)
		   : kmod_module_remove_module(module, 0);
	kmod_module_unref(module);
	return err;
}

int patch_module(const char *path)
{
	struct kmod_ctx *ctx = kmod_new(NULL, NULL);
	int err;

	if (!ctx)
		return -ENOMEM;
	kmod_set_log_priority(ctx, 0);
	err = with_module(ctx, path);
	kmod_unref(ctx);
	return err;
}

static char *info_value(struct kmod_list *info, const char *key)
{
	struct kmod_list *item;

	kmod_list_foreach(item, info)
		if (!strcmp(kmod_module_info_get_key(item), key))
			return strdup(kmod_module_info_get_value(item));
	return NULL;
}

char *patch_signer(const char *path)
{
	struct kmod_ctx *ctx = kmod_new(NULL, NULL);
	struct kmod_module *module = NULL;
	struct kmod_list *info = NULL;
	char *signer = NULL;

	if (!ctx)
		return NULL;
	kmod_set_log_priority(ctx, 0);
	if (!kmod_module_new_from_path(ctx, path, &module) &&
	    kmod_module_get_info(module, &info) >= 0)
		signer = info_value(info, "signer");
	kmod_module_info_free_list(info);
	kmod_module_unref(module);
	kmod_unref(ctx);
	return signer;
}

char *patch_reason(void)
{
	sg_autofree char *log = NULL;
	char *found = NULL, *next = NULL;
	int size = klogctl(KLOG_SIZE, NULL, 0);

	log = size > 0 ? calloc(size + 1, 1) : NULL;
	if (!log || klogctl(KLOG_READ_ALL, log, size) < 0)
		return NULL;
	for (char *at = log; (at = strstr(at, "slotgate: ")); at++)
		next = at;
	if (next) {
		next += strlen("slotgate: ");
		found = strndup(next, strcspn(next, "\n"));
	}
	return found;
}
