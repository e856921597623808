/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * initramfs.h - writing the initial file system of a guest (cpio, "newc")
 *
 * The kernel accepts several archives one after the other, so that what
 * belongs to the kernel is written once and what belongs to a run is appended.
 */
#ifndef SLOTGATE_INITRAMFS_H
#define SLOTGATE_INITRAMFS_H

#include <stddef.h>

#include "slotgate/kernel.h"

struct sg_blob {
	char *data;		/* malloc'd */
	size_t size;
};

void sg_blob_deinit(struct sg_blob *blob);

struct sg_cpio;

int sg_cpio_create(struct sg_cpio **ret);
void sg_cpio_destroy(struct sg_cpio *cpio);
int sg_cpio_dir(struct sg_cpio *cpio, const char *name);
int sg_cpio_file(struct sg_cpio *cpio, const char *name, unsigned int mode, const void *data,
		 size_t size);
int sg_cpio_symlink(struct sg_cpio *cpio, const char *name, const char *target);
int sg_cpio_char_device(struct sg_cpio *cpio, const char *name, unsigned int major,
			unsigned int minor);
/** sg_cpio_finish - complete the archive and move it to @ret */
int sg_cpio_finish(struct sg_cpio *cpio, struct sg_blob *ret);

/**
 * sg_initramfs_base - agent, modules of @kernel and their list, console
 * @busybox: a static one for an interactive shell; NULL: none
 * @extra:   names of further modules that plans load, NULL at the end
 */
int sg_initramfs_base(const struct sg_kernel *kernel, const char *agent, const char *busybox,
		      const char *const *extra, struct sg_blob *ret, struct sg_error *err);

/**
 * sg_initramfs_run - what belongs to one run
 * @plan: NULL for a shell
 * @ko:   slotgate.ko, NULL for a stock run
 * @extra: folder of the modules that only tests load: of a stock run those that its plan
 *         inserts.  With slotgate all that lie beside it; NULL for none
 *
 * A plan that records gets the recorder, from beside this program.
 */
int sg_initramfs_run(const char *plan, const char *ko, const char *extra,
		     struct sg_blob *ret, struct sg_error *err);

#endif
