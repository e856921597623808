/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * error.h - a reason to go with a negative errno
 *
 * The layer that knows the object (a file, a package, a slot) writes the
 * reason, in one line; the command prints it, once.
 */
#ifndef SLOTGATE_ERROR_H
#define SLOTGATE_ERROR_H

struct sg_error {
	char text[512];
};

/** sg_error_set - note the reason and return @code, for "return sg_error_set(...)" */
int sg_error_set(struct sg_error *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
