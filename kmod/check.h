/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Is this kernel the one we know?
 *
 * Each returns 0, or a negative errno after it has told the kernel log what
 * did not match.
 */
#ifndef SLOTGATE_CHECK_H
#define SLOTGATE_CHECK_H

#include <linux/livepatch.h>

#include "wrap.h"

int sg_check_layout(const struct sg_wrap *wraps);
int sg_check_conflicts(const char *object, const struct sg_wrap *wraps);
int sg_check_copies(const struct klp_func *funcs);
int sg_check_entry(const struct klp_func *func, void **ret);

#endif
