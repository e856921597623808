/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * file.h - small files, as sysfs and procfs have them
 */
#ifndef SLOTGATE_FILE_H
#define SLOTGATE_FILE_H

#include <stdbool.h>
#include <stddef.h>

/** file_read - first line of a file, or -errno */
int file_read(char *buf, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
int file_write(const char *path, const char *text);
bool file_exists(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/** file_slurp - all of a file that does not tell its size, with a NUL after it; malloc'd */
int file_slurp(const char *path, char **ret, size_t *size);
/** file_link - last part of what a symbolic link points to, or -errno */
int file_link(char *buf, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
