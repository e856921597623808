// SPDX-License-Identifier: GPL-2.0-only
/*
 * strv.c - a growing list of strings that ends in NULL
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "slotgate/strv.h"

void sg_strv_deinit(struct sg_strv *strv)
{
	for (size_t i = 0; i < strv->count; i++)
		free(strv->items[i]);
	free(strv->items);
	*strv = (struct sg_strv){0};
}

/* Takes @text over. */
static int add_owned(struct sg_strv *strv, char *text)
{
	char **items = NULL;

	if (text && !strv->err)
		items = reallocarray(strv->items, strv->count + 2, sizeof(*items));
	if (!items) {
		free(text);
		if (!strv->err)
			strv->err = -ENOMEM;
		return strv->err;
	}
	strv->items = items;
	items[strv->count++] = text;
	items[strv->count] = NULL;
	return 0;
}

int sg_strv_add(struct sg_strv *strv, const char *fmt, ...)
{
	char *text;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	return add_owned(strv, text);
}

int sg_strv_add_all(struct sg_strv *strv, const char *const *items)
{
	for (; *items; items++)
		add_owned(strv, strdup(*items));
	return strv->err;
}

bool sg_strv_has(const struct sg_strv *strv, const char *item)
{
	for (size_t i = 0; i < strv->count; i++)
		if (!strcmp(strv->items[i], item))
			return true;
	return false;
}

char *sg_format(const char *fmt, ...)
{
	char *text;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	return text;
}
