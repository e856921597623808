/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * modules.h - kernel modules of a folder: which file, what it depends on, its content
 *
 * Dependencies come from the modules themselves, so that a folder needs no
 * modules.dep (distribution packages bring none) and is never written to.
 */
#ifndef SLOTGATE_MODULES_H
#define SLOTGATE_MODULES_H

#include "slotgate/error.h"
#include "slotgate/strv.h"

struct sg_modules;

/** sg_modules_open - index the modules below @folder */
int sg_modules_open(const char *folder, struct sg_modules **ret, struct sg_error *err);
void sg_modules_destroy(struct sg_modules *modules);

/**
 * sg_modules_resolve - add @name and what it needs to @files, in load order
 *
 * Nothing is added for what is built into the kernel.  -ENOENT when there is
 * no such module.
 */
int sg_modules_resolve(struct sg_modules *modules, const char *name, struct sg_strv *files,
		       struct sg_error *err);

/** sg_module_read - content of a module file, unpacked if it is .gz, .xz or .zst */
int sg_module_read(const char *path, void **data, size_t *size, struct sg_error *err);

/** sg_module_depends - names that the module content depends on */
int sg_module_depends(void *data, size_t size, struct sg_strv *ret);

#endif
