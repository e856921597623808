/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * lab.h - what the host-side parts of the lab share: progress, stopping, child processes
 */
#ifndef SLOTGATE_LAB_H
#define SLOTGATE_LAB_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "slotgate/error.h"

/* How JSON is written for people and programs alike: paths stay readable. */
#define SG_JSON_PRETTY (JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE)

/**
 * struct sg_watch - the caller's eyes and hand on something that takes long
 * @stop:     set from a signal handler when the user wants an end; may be NULL
 * @progress: told in a few words what begins; may be NULL
 * @data:     for @progress
 */
struct sg_watch {
	const volatile sig_atomic_t *stop;
	void (*progress)(void *data, const char *text);
	void *data;
};

bool sg_watch_stopped(const struct sg_watch *watch);
void sg_watch_say(const struct sg_watch *watch, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * sg_child_start - start @argv so that it ends when we do
 * @out, @error: descriptors for its stdout and stderr, -1 for /dev/null
 *
 * Returns its pid or a negative errno.  stdin is /dev/null.
 */
pid_t sg_child_start(char *const argv[], int out, int error);

/**
 * sg_command - run @argv to its end
 * @ret: NULL, or where its malloc'd standard output goes
 *
 * Returns 0, -EINTR when stopped, -ENOENT when there is no such program, -EIO
 * when it failed; the reason is then the last line it printed on stderr.
 */
int sg_command(char *const argv[], const struct sg_watch *watch, char **ret,
	       struct sg_error *err);

/** sg_file_write - write @size bytes to @path by way of a temporary file; whole or not at all */
int sg_file_write(const char *path, const void *data, size_t size, struct sg_error *err);

/** sg_file_read - malloc'd content with a NUL after it */
int sg_file_read(const char *path, char **data, size_t *size);

/** sg_file_unpack - the same of what @path is packed of, if it is (.gz, .xz, .zst) */
int sg_file_unpack(const char *path, char **data, size_t *size);

/** sg_mkdirs - mkdir -p */
int sg_mkdirs(const char *path, struct sg_error *err);

/** sg_remove_tree - rm -rf; a missing @path is fine */
int sg_remove_tree(const char *path);

/** sg_cache_dir - ${SLOTGATE_CACHE}, else slotgate/ in the user's cache folder; created */
int sg_cache_dir(char **ret, struct sg_error *err);

/** sg_busybox_fetch - a static busybox, unpacked into the cache */
int sg_busybox_fetch(const struct sg_watch *watch, char **ret, struct sg_error *err);

/**
 * sg_own_file - what comes with the running program as @name
 *
 * Beside it (build/agent beside build/slotgate), or, of an installed one, in
 * lib/slotgate beside its bin.
 */
char *sg_own_file(const char *name);

#endif
