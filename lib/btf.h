/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * btf.h - what the module must know of a kernel's types, from its BTF
 */
#ifndef SLOTGATE_LIB_BTF_H
#define SLOTGATE_LIB_BTF_H

#include <stddef.h>
#include <stdint.h>

struct btf;

/**
 * sg_btf_open_vmlinux - type information of a kernel
 * @vmlinux: ELF image in memory
 * @size: its size
 * @ret: libbpf's BTF object, to be freed with btf__free()
 *
 * Returns 0, -ENOEXEC if it is no ELF image, -ENODATA if it has no BTF, or
 * libbpf's error.
 */
int sg_btf_open_vmlinux(void *vmlinux, size_t size, struct btf **ret);

/** sg_btf_raw - the .BTF section itself, inside @vmlinux; errors as above */
int sg_btf_raw(void *vmlinux, size_t size, const void **ret, size_t *ret_size);

/**
 * sg_btf_find_member - byte offset of @member in the first struct @type that has it
 *
 * Returns 0 or -ENOENT.
 */
int sg_btf_find_member(const struct btf *btf, const char *type,
		       const char *member, uint32_t *ret);

/**
 * sg_btf_find_signature - what @func returns and takes, as in kmod/wraps.h
 *
 * Returns 0, -ENOENT, or -E2BIG if @ret, of @size bytes, is too small.
 */
int sg_btf_find_signature(const struct btf *btf, const char *func,
			  char *ret, size_t size);

#endif
