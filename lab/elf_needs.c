// SPDX-License-Identifier: GPL-2.0-only
/*
 * elf_needs.c - which libraries a program needs
 */
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>

#include "slotgate/cleanup.h"
#include "slotgate/programs.h"

static int read_dynamic(Elf *elf, Elf_Scn *section, const GElf_Shdr *header, struct sg_strv *ret)
{
	Elf_Data *data = elf_getdata(section, NULL);
	GElf_Dyn entry;

	for (int i = 0; data && gelf_getdyn(data, i, &entry) && entry.d_tag != DT_NULL; i++) {
		const char *name;

		if (entry.d_tag != DT_NEEDED)
			continue;
		name = elf_strptr(elf, header->sh_link, entry.d_un.d_val);
		if (!name)
			return -EBADMSG;
		sg_strv_add(ret, "%s", name);
	}
	return ret->err;
}

static int read_sections(Elf *elf, struct sg_strv *ret)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;

	if (elf_kind(elf) != ELF_K_ELF)
		return -ENOEXEC;
	while ((section = elf_nextscn(elf, section)))
		if (gelf_getshdr(section, &header) && header.sh_type == SHT_DYNAMIC)
			return read_dynamic(elf, section, &header, ret);
	return 0;
}

int sg_elf_needs(const char *path, struct sg_strv *ret, struct sg_error *err)
{
	sg_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	Elf *elf;
	int code;

	if (fd < 0)
		return sg_error_set(err, -errno, "cannot read %s: %m", path);
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	if (!elf)
		return sg_error_set(err, -EBADMSG, "%s: %s", path, elf_errmsg(-1));
	code = read_sections(elf, ret);
	elf_end(elf);
	return code ? sg_error_set(err, code, "%s is no program or library that can be read",
				   path) : 0;
}
