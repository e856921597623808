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

#endif
