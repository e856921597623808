/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Looking things up in a kernel's type information
 *
 * Reads the raw BTF of one object without base, from memory, and trusts none of it.
 * Also compiled into the unit tests, which compare it with libbpf.
 */
#ifndef SLOTGATE_BTF_H
#define SLOTGATE_BTF_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stddef.h>
#include <linux/types.h>
typedef __u32 u32;
#endif

#define SG_SIGNATURE_MAX	128

/**
 * struct sg_btf - a loaded BTF
 * @types: type section, @types_len bytes
 * @strs: string section, @strs_len bytes, NUL terminated
 * @index: offset of each type in @types; type 0 is void and has none
 * @ntypes: entries in @index, void included
 */
struct sg_btf {
	const char *types;
	u32 types_len;
	const char *strs;
	u32 strs_len;
	u32 *index;
	u32 ntypes;
};

int sg_btf_parse(struct sg_btf *btf, const void *data, size_t size);
int sg_btf_index(struct sg_btf *btf, u32 *index);
int sg_btf_member(const struct sg_btf *btf, const char *type,
		  const char *member, u32 *ret);
int sg_btf_signature(const struct sg_btf *btf, const char *func,
		     char ret[SG_SIGNATURE_MAX]);

#endif
