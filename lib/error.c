// SPDX-License-Identifier: GPL-2.0-only
/*
 * error.c - a reason to go with a negative errno
 */
#include <stdarg.h>
#include <stdio.h>

#include "slotgate/error.h"

int sg_error_set(struct sg_error *err, int code, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	return code;
}
