/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel.h - kernels that the lab boots: image, modules, headers
 *
 * Errors are negative errno values throughout.
 */
#ifndef SLOTGATE_KERNEL_H
#define SLOTGATE_KERNEL_H

#include <stdbool.h>
#include <stddef.h>

#include "slotgate/lab.h"

/**
 * sg_bzimage_extract - decompress the vmlinux (ELF) inside a bzImage
 * @vmlinux: malloc'd content; the caller frees it
 *
 * Returns -ENOEXEC when @path is no bzImage, -EBADMSG when its payload is
 * damaged or packed in a way this library does not know.
 */
int sg_bzimage_extract(const char *path, void **vmlinux, size_t *size);

/**
 * sg_bzimage_check - is @path a bzImage?  0 or -ENOEXEC, or why it cannot be read
 * @release: NULL, or where its release ("6.1.0-56-amd64") goes, malloc'd
 */
int sg_bzimage_check(const char *path, char **release);

/**
 * struct sg_kernel_line - a line of distribution kernels that the lab knows
 * @suite:     where its packages are
 * @in_chroot: slotgate.ko is built with the compiler of that suite, in a chroot
 * @made_by:   what builds it from source, NULL when it comes in packages
 * @pace:      it takes this many times as long as others; 0: as long
 * @insert:    module of tests/kmod/ that stock runs begin with, NULL for none
 */
struct sg_kernel_line {
	const char *name;
	const char *suite;
	const char *summary;
	bool in_chroot;
	const char *made_by;
	unsigned int pace;
	const char *insert;
};

/** sg_kernel_lines - all lines, terminated by a NULL name; the first is the default */
extern const struct sg_kernel_line sg_kernel_lines[];

/**
 * struct sg_kernel - a kernel at hand; every string is malloc'd or NULL
 * @line:    NULL for a user's own image
 * @headers: NULL for a user's own image
 * @ko:      slotgate.ko built for it, NULL when there is none
 * @chroot:  where a chroot to build it in belongs, NULL when it needs none
 * @sources: apt's list of sources for that chroot
 * @pace:    see its line; 0 for a user's own image
 * @insert:  see its line
 * @extra:   folder of the modules that only tests load, NULL for a user's own image
 */
struct sg_kernel {
	char *line;
	char *release;
	char *image;
	char *modules;
	char *headers;
	char *ko;
	char *chroot;
	char *sources;
	unsigned int pace;
	const char *insert;
	char *extra;
};

void sg_kernel_deinit(struct sg_kernel *kernel);

const struct sg_kernel_line *sg_kernel_line_find(const char *name);

/**
 * sg_kernel_source - archive of the source of @line's kernel, fetched when need be
 *
 * As with sg_kernel_fetch() one that was fetched earlier does.
 */
int sg_kernel_source(const struct sg_kernel_line *line, const struct sg_watch *watch,
		     char **ret, struct sg_error *err);

/** sg_kernel_cached - the fetched kernel of @line, -ENOENT when there is none */
int sg_kernel_cached(const struct sg_kernel_line *line, struct sg_kernel *ret,
		     struct sg_error *err);

/**
 * sg_kernel_fetch - bring the current kernel of @line into the cache
 *
 * When the cache already holds it nothing is downloaded.  When the packages
 * cannot be reached, a kernel that was fetched earlier does.  A line that is
 * built from source is not fetched, and -ENOENT when it is not built.
 */
int sg_kernel_fetch(const struct sg_kernel_line *line, const struct sg_watch *watch,
		    struct sg_kernel *ret, struct sg_error *err);

/**
 * sg_kernel_open - the kernel that a user names
 * @name:    a line (fetched when it is not cached), or the path of a bzImage
 * @modules: folder of its modules; NULL for a line's own
 */
int sg_kernel_open(const char *name, const char *modules, const struct sg_watch *watch,
		   struct sg_kernel *ret, struct sg_error *err);

#endif
