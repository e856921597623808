/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * guard_internal.h - what the parts of the guard share
 */
#ifndef STORM_GUARD_INTERNAL_H
#define STORM_GUARD_INTERNAL_H

#include "guard.h"

struct guard {
	const char *root;
	bool standing;		/* only uses that outlast the look: no open files */
	struct sg_strv *reasons;
	char *mounts, *swaps;	/* /proc/self/mountinfo and /proc/swaps */
};

/** guard_open - who has @path ("/dev/sda1") or the block device @number ("8:1", or NULL) open */
void guard_open(struct guard *guard, const char *what, const char *path, const char *number);

/** guard_block - the block device in @folder of sysfs, and what is built upon it */
void guard_block(struct guard *guard, const char *folder);

#endif
