/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * programs.h - programs of the distribution that guests run
 */
#ifndef SLOTGATE_PROGRAMS_H
#define SLOTGATE_PROGRAMS_H

#include "slotgate/initramfs.h"
#include "slotgate/strv.h"

/**
 * sg_programs_read - dpdk-testpmd, QEMU and klockstat, with all they need, as part of an initramfs
 *
 * Their packages are fetched once and unpacked into the cache, not installed.
 */
int sg_programs_read(const struct sg_watch *watch, struct sg_blob *ret, struct sg_error *err);

/** sg_elf_needs - names of the libraries that program or library @path needs, added to @ret */
int sg_elf_needs(const char *path, struct sg_strv *ret, struct sg_error *err);

#endif
