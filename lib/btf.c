// SPDX-License-Identifier: GPL-2.0-only
/*
 * btf.c - what the module must know of a kernel's types, from its BTF
 */
#include <bpf/btf.h>
#include <errno.h>
#include <libelf.h>
#include <stdio.h>
#include <string.h>

#include "btf.h"

static Elf_Data *find_section(Elf *elf, const char *want)
{
	Elf_Scn *scn = NULL;
	Elf64_Shdr *header;
	const char *name;
	size_t names;

	if (elf_getshdrstrndx(elf, &names))
		return NULL;
	while ((scn = elf_nextscn(elf, scn))) {
		header = elf64_getshdr(scn);
		name = header ? elf_strptr(elf, names, header->sh_name) : NULL;
		if (name && !strcmp(name, want))
			return elf_rawdata(scn, NULL);
	}
	return NULL;
}

int sg_btf_raw(void *vmlinux, size_t size, const void **ret, size_t *ret_size)
{
	Elf_Data *data;
	Elf *elf;

	if (elf_version(EV_CURRENT) == EV_NONE)
		return -ENOEXEC;
	elf = elf_memory(vmlinux, size);
	if (!elf || elf_kind(elf) != ELF_K_ELF) {
		elf_end(elf);
		return -ENOEXEC;
	}

	/* With elf_memory() the data lies inside @vmlinux and outlives elf. */
	data = find_section(elf, ".BTF");
	if (data) {
		*ret = data->d_buf;
		*ret_size = data->d_size;
	}
	elf_end(elf);
	return data ? 0 : -ENODATA;
}

int sg_btf_open_vmlinux(void *vmlinux, size_t size, struct btf **ret)
{
	const void *raw;
	size_t raw_size;
	struct btf *btf;
	int err;

	err = sg_btf_raw(vmlinux, size, &raw, &raw_size);
	if (err)
		return err;
	btf = btf__new(raw, raw_size);
	if (!btf)
		return -errno;
	*ret = btf;
	return 0;
}

static int member_offset(const struct btf *btf, const struct btf_type *t,
			 const char *member, uint32_t *ret)
{
	const struct btf_member *m = btf_members(t);

	for (uint32_t i = 0; i < btf_vlen(t); i++)
		if (!strcmp(btf__name_by_offset(btf, m[i].name_off), member)) {
			*ret = btf_member_bit_offset(t, i) / 8;
			return 0;
		}
	return -ENOENT;
}

int sg_btf_find_member(const struct btf *btf, const char *type,
		       const char *member, uint32_t *ret)
{
	for (uint32_t id = 1; id < btf__type_cnt(btf); id++) {
		const struct btf_type *t = btf__type_by_id(btf, id);

		if (btf_is_struct(t) &&
		    !strcmp(btf__name_by_offset(btf, t->name_off), type) &&
		    !member_offset(btf, t, member, ret))
			return 0;
	}
	return -ENOENT;
}

static const struct btf_type *skip_names(const struct btf *btf, uint32_t id)
{
	const struct btf_type *t = btf__type_by_id(btf, id);

	while (t && (btf_is_mod(t) || btf_is_typedef(t) || btf_is_type_tag(t)))
		t = btf__type_by_id(btf, t->type);
	return t;
}

static int describe_pointer(const struct btf *btf, uint32_t id, char *out, size_t room)
{
	const struct btf_type *t = skip_names(btf, id);

	if (btf_is_struct(t) || btf_is_fwd(t))
		return snprintf(out, room, "p<%s>",
				btf__name_by_offset(btf, t->name_off));
	return snprintf(out, room, "p");
}

static int describe(const struct btf *btf, uint32_t id, char *out, size_t room)
{
	const struct btf_type *t = skip_names(btf, id);

	if (btf_is_void(t))
		return snprintf(out, room, "v");
	if (btf_is_ptr(t))
		return describe_pointer(btf, t->type, out, room);
	if (btf_is_int(t) || btf_is_any_enum(t))
		return snprintf(out, room, "%u", t->size);
	return snprintf(out, room, "?");
}

static int describe_proto(const struct btf *btf, const struct btf_type *proto,
			  char *ret, size_t size)
{
	const struct btf_param *params = btf_params(proto);
	char part[64];
	FILE *out = fmemopen(ret, size, "w");
	int err;

	if (!out)
		return -errno;
	describe(btf, proto->type, part, sizeof(part));
	fprintf(out, "%s:", part);
	for (uint32_t i = 0; i < btf_vlen(proto); i++) {
		describe(btf, params[i].type, part, sizeof(part));
		fputs(part, out);
	}
	fputc('\0', out);
	err = fflush(out) ? -E2BIG : 0;
	fclose(out);
	return err;
}

int sg_btf_find_signature(const struct btf *btf, const char *func,
			  char *ret, size_t size)
{
	int id = btf__find_by_name_kind(btf, func, BTF_KIND_FUNC);
	const struct btf_type *proto;

	if (id < 0)
		return -ENOENT;
	proto = btf__type_by_id(btf, btf__type_by_id(btf, id)->type);
	return describe_proto(btf, proto, ret, size);
}
