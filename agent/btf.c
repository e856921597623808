// SPDX-License-Identifier: GPL-2.0-only
/*
 * btf.c - layout of the running kernel, from its own BTF
 *
 * Only what kprobe events need: the offset of a member, by name.
 */
#include <errno.h>
#include <linux/btf.h>
#include <stdlib.h>
#include <string.h>

#include "agent.h"

#define VMLINUX "/sys/kernel/btf/vmlinux"

static struct {
	const struct btf_header *header;
	const char *strings;
	const struct btf_type **types;	/* by id, 1 and up */
	unsigned int count;
} btf;

/* Bytes that follow a type of each kind: fixed part, and part per vlen. */
static const struct { unsigned char fixed, each; } extra[] = {
	[BTF_KIND_INT] = { 4, 0 },
	[BTF_KIND_ARRAY] = { sizeof(struct btf_array), 0 },
	[BTF_KIND_STRUCT] = { 0, sizeof(struct btf_member) },
	[BTF_KIND_UNION] = { 0, sizeof(struct btf_member) },
	[BTF_KIND_ENUM] = { 0, sizeof(struct btf_enum) },
	[BTF_KIND_FUNC_PROTO] = { 0, sizeof(struct btf_param) },
	[BTF_KIND_VAR] = { sizeof(struct btf_var), 0 },
	[BTF_KIND_DATASEC] = { 0, sizeof(struct btf_var_secinfo) },
	[BTF_KIND_DECL_TAG] = { sizeof(struct btf_decl_tag), 0 },
	[BTF_KIND_ENUM64] = { 0, sizeof(struct btf_enum64) },
};

static const struct btf_type *type_next(const struct btf_type *type)
{
	unsigned int kind = BTF_INFO_KIND(type->info);
	size_t size = sizeof(*type);

	if (kind < sizeof(extra) / sizeof(extra[0]))
		size += extra[kind].fixed + extra[kind].each * BTF_INFO_VLEN(type->info);
	return (const void *)((const char *)type + size);
}

static int btf_load(void)
{
	const struct btf_type *type, *end;
	char *data;
	size_t size;
	int err;

	if (btf.header)
		return 0;
	err = file_slurp(VMLINUX, &data, &size);
	if (err)
		return err;
	btf.header = (const void *)data;
	if (size < sizeof(*btf.header) || btf.header->magic != BTF_MAGIC)
		die("%s is no BTF", VMLINUX);
	btf.strings = data + btf.header->hdr_len + btf.header->str_off;
	type = (const void *)(data + btf.header->hdr_len + btf.header->type_off);
	end = (const void *)((const char *)type + btf.header->type_len);
	/* no type is smaller than its head */
	btf.types = calloc(btf.header->type_len / sizeof(*type) + 2, sizeof(*btf.types));
	if (!btf.types)
		die("no memory for BTF");
	for (btf.count = 1; type < end; type = type_next(type))
		btf.types[btf.count++] = type;
	return 0;
}

static const struct btf_type *find_struct(const char *name)
{
	for (unsigned int id = 1; id < btf.count; id++)
		if (BTF_INFO_KIND(btf.types[id]->info) == BTF_KIND_STRUCT &&
		    !strcmp(btf.strings + btf.types[id]->name_off, name))
			return btf.types[id];
	return NULL;
}

static const struct btf_type *strip(unsigned int id)
{
	while (id && id < btf.count) {
		switch (BTF_INFO_KIND(btf.types[id]->info)) {
		case BTF_KIND_TYPEDEF:
		case BTF_KIND_CONST:
		case BTF_KIND_VOLATILE:
		case BTF_KIND_TYPE_TAG:
			id = btf.types[id]->type;
			continue;
		}
		return btf.types[id];
	}
	return NULL;
}

static const struct btf_member *find_member(const struct btf_type *type, const char *name,
					    size_t len)
{
	const struct btf_member *member = (const void *)(type + 1);

	for (unsigned int i = 0; i < BTF_INFO_VLEN(type->info); i++, member++) {
		const char *is = btf.strings + member->name_off;

		if (strlen(is) == len && !memcmp(is, name, len))
			return member;
	}
	return NULL;
}

int btf_offset(const char *type, const char *members)
{
	const struct btf_member *member;
	const struct btf_type *at;
	size_t len;
	int offset = 0, err = btf_load();

	if (err)
		return err;
	at = find_struct(type);
	for (; at && *members; members += len + (members[len] == '.')) {
		len = strcspn(members, ".");
		member = find_member(at, members, len);
		if (!member)
			return -ENOENT;
		offset += (BTF_INFO_KFLAG(at->info) ? BTF_MEMBER_BIT_OFFSET(member->offset)
						    : member->offset) / 8;
		at = strip(member->type);
	}
	return at ? offset : -ENOENT;
}
