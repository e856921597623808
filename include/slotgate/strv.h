/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * strv.h - a growing list of strings that ends in NULL, as execvp() wants it
 */
#ifndef SLOTGATE_STRV_H
#define SLOTGATE_STRV_H

#include <stdbool.h>
#include <stddef.h>

struct sg_strv {
	char **items;		/* NULL as long as nothing was added */
	size_t count;
	int err;		/* first error; later additions do nothing */
};

void sg_strv_deinit(struct sg_strv *strv);

/** sg_strv_add - append one string (printf format) */
int sg_strv_add(struct sg_strv *strv, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/** sg_strv_add_all - append copies of @items up to its NULL */
int sg_strv_add_all(struct sg_strv *strv, const char *const *items);

bool sg_strv_has(const struct sg_strv *strv, const char *item);

/** sg_format - asprintf() that returns the text or NULL */
char *sg_format(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
