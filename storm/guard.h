/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * guard.h - which slots a storm must not touch, and why
 *
 * A slot is refused if anything in it, or below it, carries data that somebody
 * uses: a mounted file system, swap, a layer of md, lvm or dm, an open file; if
 * it leads to the root device; or if there is a device in it whose use nobody
 * can judge from here (a network that is up, a display).  When in doubt: refused.
 *
 * Everything is read below @root, "" on a real machine and a folder in tests.
 */
#ifndef STORM_GUARD_H
#define STORM_GUARD_H

#include "slotgate/strv.h"
#include "storm.h"

/**
 * storm_guard - reasons why @slot is refused, one line each; none: it may be used
 *
 * 0, or -errno if the machine cannot be looked at; then nothing may be used.
 */
int storm_guard(const char *root, const struct storm_slot *slot, struct sg_strv *reasons);

/**
 * storm_guard_standing - the same without files that are open and exclusive use
 *
 * For a storm under way: whoever looks at a drive that has just come (udev) has it
 * open for a moment, and so have the storm's own owners.
 */
int storm_guard_standing(const char *root, const struct storm_slot *slot,
			 struct sg_strv *reasons);

#endif
