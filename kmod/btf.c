// SPDX-License-Identifier: GPL-2.0-only
/*
 * Looking things up in a kernel's type information
 */
#ifdef __KERNEL__
#include <linux/bpf.h>	/* v5.10: btf.h does not stand alone */
#include <linux/btf.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#else
#include <errno.h>
#include <linux/btf.h>
#include <stdio.h>
#include <string.h>
#endif

#include "btf.h"

/* What is read of the header; newer kernels know and write a longer one. */
#define SG_BTF_HEADER	(offsetof(struct btf_header, str_len) + sizeof(u32))

/* A chain of typedefs and qualifiers longer than this is a loop. */
#define SG_BTF_DEPTH	32

/* Kinds that the oldest kernel line's headers do not name. */
enum {
	SG_BTF_FLOAT = 16,	/* since v5.13 */
	SG_BTF_DECL_TAG = 17,	/* since v5.16 */
	SG_BTF_TYPE_TAG = 18,	/* since v5.17 */
	SG_BTF_ENUM64 = 19,	/* since v6.0 */
	SG_BTF_NKINDS
};

/* Bytes behind struct btf_type, fixed and for each of its vlen entries. */
static const struct {
	unsigned char fixed, each;
} type_tail[SG_BTF_NKINDS] = {
	[BTF_KIND_INT]		= { sizeof(u32), 0 },
	[BTF_KIND_PTR]		= { 0, 0 },
	[BTF_KIND_ARRAY]	= { sizeof(struct btf_array), 0 },
	[BTF_KIND_STRUCT]	= { 0, sizeof(struct btf_member) },
	[BTF_KIND_UNION]	= { 0, sizeof(struct btf_member) },
	[BTF_KIND_ENUM]		= { 0, sizeof(struct btf_enum) },
	[BTF_KIND_FWD]		= { 0, 0 },
	[BTF_KIND_TYPEDEF]	= { 0, 0 },
	[BTF_KIND_VOLATILE]	= { 0, 0 },
	[BTF_KIND_CONST]	= { 0, 0 },
	[BTF_KIND_RESTRICT]	= { 0, 0 },
	[BTF_KIND_FUNC]		= { 0, 0 },
	[BTF_KIND_FUNC_PROTO]	= { 0, sizeof(struct btf_param) },
	[BTF_KIND_VAR]		= { sizeof(struct btf_var), 0 },
	[BTF_KIND_DATASEC]	= { 0, sizeof(struct btf_var_secinfo) },
	[SG_BTF_FLOAT]		= { 0, 0 },
	[SG_BTF_DECL_TAG]	= { sizeof(u32), 0 },
	[SG_BTF_TYPE_TAG]	= { 0, 0 },
	[SG_BTF_ENUM64]		= { 0, 3 * sizeof(u32) },
};

static u32 kind_of(const struct btf_type *t)
{
	return BTF_INFO_KIND(t->info);
}

static u32 vlen_of(const struct btf_type *t)
{
	return BTF_INFO_VLEN(t->info);
}

/* Size of the type record at @off, or 0 if it is broken. */
static u32 record_size(const struct sg_btf *btf, u32 off)
{
	const struct btf_type *t = (const void *)(btf->types + off);
	u32 left = btf->types_len - off, size;

	if (left < sizeof(*t) || kind_of(t) >= SG_BTF_NKINDS || !kind_of(t))
		return 0;
	size = sizeof(*t) + type_tail[kind_of(t)].fixed +
	       vlen_of(t) * type_tail[kind_of(t)].each;
	return size <= left ? size : 0;
}

/**
 * sg_btf_parse - find the sections and count the types
 * @btf: filled in, but for @index
 * @data: the raw BTF, which has to stay
 * @size: its size
 *
 * Returns 0 or -EINVAL.
 */
int sg_btf_parse(struct sg_btf *btf, const void *data, size_t size)
{
	const struct btf_header *hdr = data;
	const char *sections;
	u32 off, len;
	size_t body;

	if (size < SG_BTF_HEADER || hdr->magic != BTF_MAGIC ||
	    hdr->hdr_len < SG_BTF_HEADER || hdr->hdr_len > size)
		return -EINVAL;
	sections = data + hdr->hdr_len;
	body = size - hdr->hdr_len;
	if (hdr->type_off > body || hdr->type_len > body - hdr->type_off ||
	    hdr->str_off > body || hdr->str_len > body - hdr->str_off ||
	    !hdr->str_len || (hdr->hdr_len + hdr->type_off) % sizeof(u32))
		return -EINVAL;

	btf->types = sections + hdr->type_off;
	btf->types_len = hdr->type_len;
	btf->strs = sections + hdr->str_off;
	btf->strs_len = hdr->str_len;
	btf->index = NULL;
	btf->ntypes = 1;
	if (btf->strs[btf->strs_len - 1])
		return -EINVAL;

	for (off = 0; off < btf->types_len; off += len, btf->ntypes++) {
		len = record_size(btf, off);
		if (!len)
			return -EINVAL;
	}
	return 0;
}

/**
 * sg_btf_index - note where each type is
 * @btf: parsed BTF
 * @index: room for @btf->ntypes entries, which has to stay
 */
int sg_btf_index(struct sg_btf *btf, u32 *index)
{
	u32 off = 0, id;

	index[0] = 0;
	for (id = 1; id < btf->ntypes; id++) {
		index[id] = off;
		off += record_size(btf, off);
	}
	btf->index = index;
	return 0;
}

/* NULL for void and for what is out of range. */
static const struct btf_type *type_by_id(const struct sg_btf *btf, u32 id)
{
	if (!id || id >= btf->ntypes)
		return NULL;
	return (const void *)(btf->types + btf->index[id]);
}

static const char *str_at(const struct sg_btf *btf, u32 off)
{
	return off < btf->strs_len ? btf->strs + off : "";
}

static int member_offset(const struct sg_btf *btf, const struct btf_type *t,
			 const char *member, u32 *ret)
{
	const struct btf_member *m = (const void *)(t + 1);
	u32 i, bits;

	for (i = 0; i < vlen_of(t); i++, m++) {
		if (strcmp(str_at(btf, m->name_off), member))
			continue;
		bits = BTF_INFO_KFLAG(t->info) ? BTF_MEMBER_BIT_OFFSET(m->offset)
					       : m->offset;
		*ret = bits / 8;
		return 0;
	}
	return -ENOENT;
}

/**
 * sg_btf_member - byte offset of a structure's member
 * @btf: indexed BTF
 * @type: tag of the structure; the first one of that name that has @member
 * @member: name of the member
 * @ret: its offset
 *
 * Returns 0 or -ENOENT.
 */
int sg_btf_member(const struct sg_btf *btf, const char *type,
		  const char *member, u32 *ret)
{
	const struct btf_type *t;
	u32 id;

	for (id = 1; id < btf->ntypes; id++) {
		t = type_by_id(btf, id);
		if (kind_of(t) == BTF_KIND_STRUCT &&
		    !strcmp(str_at(btf, t->name_off), type) &&
		    !member_offset(btf, t, member, ret))
			return 0;
	}
	return -ENOENT;
}

static const struct btf_type *skip_names(const struct sg_btf *btf, u32 id)
{
	const struct btf_type *t = type_by_id(btf, id);
	int depth;

	for (depth = 0; t && depth < SG_BTF_DEPTH; depth++) {
		switch (kind_of(t)) {
		case BTF_KIND_TYPEDEF:
		case BTF_KIND_CONST:
		case BTF_KIND_VOLATILE:
		case BTF_KIND_RESTRICT:
		case SG_BTF_TYPE_TAG:
			t = type_by_id(btf, t->type);
			break;
		default:
			return t;
		}
	}
	return NULL;
}

static int describe_pointer(const struct sg_btf *btf, u32 id, char *out, size_t room)
{
	const struct btf_type *t = skip_names(btf, id);

	if (t && (kind_of(t) == BTF_KIND_STRUCT || kind_of(t) == BTF_KIND_FWD))
		return snprintf(out, room, "p<%s>", str_at(btf, t->name_off));
	return snprintf(out, room, "p");
}

static int describe(const struct sg_btf *btf, u32 id, char *out, size_t room)
{
	const struct btf_type *t = skip_names(btf, id);

	if (!t)
		return snprintf(out, room, "v");
	switch (kind_of(t)) {
	case BTF_KIND_PTR:
		return describe_pointer(btf, t->type, out, room);
	case BTF_KIND_INT:
	case BTF_KIND_ENUM:
	case SG_BTF_ENUM64:
		return snprintf(out, room, "%u", t->size);
	default:
		return snprintf(out, room, "?");
	}
}

static int describe_proto(const struct sg_btf *btf, const struct btf_type *proto,
			  char ret[SG_SIGNATURE_MAX])
{
	const struct btf_param *param = (const void *)(proto + 1);
	size_t len;
	u32 i;

	len = describe(btf, proto->type, ret, SG_SIGNATURE_MAX);
	if (len + 1 < SG_SIGNATURE_MAX)
		ret[len++] = ':';
	ret[len < SG_SIGNATURE_MAX ? len : SG_SIGNATURE_MAX - 1] = '\0';
	for (i = 0; i < vlen_of(proto) && len < SG_SIGNATURE_MAX; i++)
		len += describe(btf, param[i].type, ret + len, SG_SIGNATURE_MAX - len);
	return len < SG_SIGNATURE_MAX ? 0 : -E2BIG;
}

/**
 * sg_btf_signature - what a function returns and takes
 * @btf: indexed BTF
 * @func: its name
 * @ret: the signature in the notation of wraps.h
 *
 * Returns 0, -ENOENT, or -E2BIG.
 */
int sg_btf_signature(const struct sg_btf *btf, const char *func,
		     char ret[SG_SIGNATURE_MAX])
{
	const struct btf_type *t, *proto;
	u32 id;

	for (id = 1; id < btf->ntypes; id++) {
		t = type_by_id(btf, id);
		if (kind_of(t) != BTF_KIND_FUNC ||
		    strcmp(str_at(btf, t->name_off), func))
			continue;
		proto = type_by_id(btf, t->type);
		if (proto && kind_of(proto) == BTF_KIND_FUNC_PROTO)
			return describe_proto(btf, proto, ret);
	}
	return -ENOENT;
}
