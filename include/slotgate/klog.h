/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * klog.h - evidence of a hang from what the kernel wrote about blocked tasks
 *
 * By itself ("INFO: task ... blocked for more than 120 seconds") or when asked
 * (magic key w or t), as dmesg, the journal, a serial console or a mail show it.
 */
#ifndef SLOTGATE_KLOG_H
#define SLOTGATE_KLOG_H

#include <stddef.h>

#include "slotgate/error.h"

struct json_object;

/**
 * sg_klog_evidence - the `evidence` of docs/PLAN.md, as far as @text tells
 *
 * @text need not be a whole log; slots and devices are known if its lines from
 * boot are there.  The last report of each task counts.  Returns -EINVAL if no
 * line of @text looks like a kernel log's.
 */
int sg_klog_evidence(const char *text, size_t size, struct json_object **ret,
		     struct sg_error *err);

#endif
