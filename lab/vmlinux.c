// SPDX-License-Identifier: GPL-2.0-only
/*
 * vmlinux.c - unpack a kernel once, instead of in every machine that boots it
 *
 * A boot image unpacks itself in the guest, which under emulation takes longer
 * than the rest of the kernel's start.  QEMU can boot the vmlinux inside as it
 * is, by its PVH entry point (include/xen/interface/elfnote.h).
 */
#include <errno.h>
#include <gelf.h>
#include <string.h>
#include <sys/mman.h>

#include "slotgate/cleanup.h"
#include "slotgate/kernel.h"
#include "slotgate/vm.h"

enum { PVH_ENTRY = 18 };	/* XEN_ELFNOTE_PHYS32_ENTRY */

static void elf_cleanup(Elf **elf)
{
	elf_end(*elf);
}

static bool has_entry(Elf *elf, const GElf_Phdr *segment)
{
	Elf_Data *data = elf_getdata_rawchunk(elf, segment->p_offset, segment->p_filesz, ELF_T_NHDR);
	size_t at = 0, name, desc;
	GElf_Nhdr note;

	while (data && (at = gelf_getnote(data, at, &note, &name, &desc)))
		if (note.n_type == PVH_ENTRY && note.n_namesz == sizeof("Xen") &&
		    !memcmp((char *)data->d_buf + name, "Xen", sizeof("Xen")))
			return true;
	return false;
}

static bool is_bootable(void *vmlinux, size_t size)
{
	sg_cleanup(elf_cleanup) Elf *elf = NULL;
	GElf_Phdr segment;
	size_t count;

	elf_version(EV_CURRENT);
	elf = elf_memory(vmlinux, size);
	if (!elf || elf_getphdrnum(elf, &count))
		return false;
	for (size_t i = 0; i < count; i++)
		if (gelf_getphdr(elf, i, &segment) && segment.p_type == PT_NOTE &&
		    has_entry(elf, &segment))
			return true;
	return false;
}

/* Inherited by QEMU, so it stays open when something is executed. */
static int store(const char *data, size_t size)
{
	sg_autoclose int fd = memfd_create("vmlinux", 0);

	if (fd < 0)
		return -errno;
	for (size_t done = 0; done < size;) {
		ssize_t n = write(fd, data + done, size - done);

		if (n < 0)
			return -errno;
		done += n;
	}
	return sg_steal_fd(&fd);
}

int sg_vmlinux_open(const char *image)
{
	sg_autofree void *vmlinux = NULL;
	size_t size = 0;
	int err = sg_bzimage_extract(image, &vmlinux, &size);

	if (err)
		return err;
	return is_bootable(vmlinux, size) ? store(vmlinux, size) : -ENOTSUP;
}
