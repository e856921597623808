/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * keep.h - the files that a run leaves when asked to
 */
#ifndef LAB_KEEP_H
#define LAB_KEEP_H

#include <stdio.h>

#include "slotgate/vm.h"

/** struct keep - NULL files are not kept */
struct keep {
	const char *folder;
	FILE *console;
	FILE *records;
	int err;	/* first one of keep_add() */
};

/** keep_open - create @folder and open what grows; nothing at all for a NULL @folder */
int keep_open(struct keep *keep, const char *folder, const char *plan, struct sg_error *err);
void keep_deinit(struct keep *keep);

/** keep_add - append to @file of @keep, if it is kept; keep_result() tells of errors */
void keep_add(struct keep *keep, FILE *file, const char *bytes, size_t size);

/** keep_file - a file that the guest sends; keep_result() tells of errors */
void keep_file(struct keep *keep, const char *name, const char *text);

/** keep_result - write result and evidence; -ENOSPC and the like are the result's reason */
int keep_result(struct keep *keep, const struct sg_result *result, struct sg_error *err);

#endif
