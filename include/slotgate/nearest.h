/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * nearest.h - what a misspelt word may have meant
 */
#ifndef SLOTGATE_NEAREST_H
#define SLOTGATE_NEAREST_H

#include <stddef.h>

/** sg_distance - least number of insertions, deletions, exchanges and swaps from @a to @b */
size_t sg_distance(const char *a, const char *b);

/**
 * sg_nearest - "; did you mean a or b?" of the nearest names, malloc'd, empty when none is near
 * @name: the name with an index from 0; NULL after the last
 */
char *sg_nearest(const char *word, const char *(*name)(const void *data, size_t index),
		 const void *data);

#endif
