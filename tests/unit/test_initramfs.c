// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_initramfs.c - archives written and read back, modules and what they depend on
 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <gelf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cmocka.h>

#include "slotgate/initramfs.h"
#include "slotgate/modules.h"

static char folder[] = "/tmp/slotgate-initramfs-XXXXXX";
static char place[4096];

static const char *in_folder(const char *name)
{
	snprintf(place, sizeof(place), "%s/%s", folder, name);
	return place;
}

static void store(const char *name, const void *data, size_t size)
{
	struct sg_error err;

	assert_int_equal(sg_file_write(in_folder(name), data, size, &err), 0);
}

/* The least that is a module: an ELF file with a .modinfo section. */
static size_t build_module(const char *depends, char *out, size_t room)
{
	static const char names[] = "\0.modinfo\0.shstrtab";
	char info[256];
	size_t n = snprintf(info, sizeof(info), "license=GPL%cdepends=%s%cname=x", 0, depends, 0);
	Elf64_Ehdr ehdr = {
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_REL, .e_machine = EM_X86_64, .e_version = EV_CURRENT,
		.e_ehsize = sizeof(ehdr), .e_shentsize = sizeof(Elf64_Shdr), .e_shnum = 3,
		.e_shstrndx = 2,
	};
	Elf64_Shdr sections[3] = {
		{ 0 },
		{ .sh_name = 1, .sh_type = SHT_PROGBITS, .sh_offset = sizeof(ehdr),
		  .sh_size = n + 1, .sh_addralign = 1 },
		{ .sh_name = 10, .sh_type = SHT_STRTAB, .sh_offset = sizeof(ehdr) + 256,
		  .sh_size = sizeof(names), .sh_addralign = 1 },
	};
	size_t size = sizeof(ehdr) + 512 + sizeof(sections);

	assert_true(size <= room);
	memset(out, 0, size);
	ehdr.e_shoff = sizeof(ehdr) + 512;
	memcpy(out, &ehdr, sizeof(ehdr));
	memcpy(out + sizeof(ehdr), info, n + 1);
	memcpy(out + sizeof(ehdr) + 256, names, sizeof(names));
	memcpy(out + sizeof(ehdr) + 512, sections, sizeof(sections));
	return size;
}

static void store_module(const char *name, const char *depends)
{
	char module[4096];

	store(name, module, build_module(depends, module, sizeof(module)));
}

static void store_packed_module(const char *name, const char *depends)
{
	struct archive *archive = archive_write_new();
	struct archive_entry *entry = archive_entry_new();
	char module[4096];
	size_t size = build_module(depends, module, sizeof(module));

	archive_write_add_filter_xz(archive);
	archive_write_set_format_raw(archive);
	assert_int_equal(archive_write_open_filename(archive, in_folder(name)), ARCHIVE_OK);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_write_header(archive, entry);
	archive_write_data(archive, module, size);
	archive_write_close(archive);
	archive_write_free(archive);
	archive_entry_free(entry);
}

static int setup(void **state)
{
	struct sg_error err;

	(void)state;
	if (!mkdtemp(folder) || sg_mkdirs(in_folder("modules/kernel/deep"), &err))
		return -1;
	store("agent", "agent program", 13);
	store("modules/modules.builtin", "kernel/virtio/virtio_pci.ko\n", 28);
	store_module("modules/kernel/nvme-core.ko", "");
	store_module("modules/kernel/nvme.ko", "nvme-core,virtio_pci");
	store_module("modules/kernel/deep/vfio.ko", "irqbypass");
	store_module("modules/kernel/deep/irqbypass.ko", "");
	store_packed_module("modules/kernel/deep/vfio-pci.ko.xz", "vfio,irqbypass");
	store_module("modules/kernel/loop_a.ko", "loop_b");
	store_module("modules/kernel/loop_b.ko", "loop_a");
	store_module("modules/kernel/orphan.ko", "not_there");
	store("modules/kernel/damaged.ko", "no ELF", 6);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return sg_remove_tree(folder);
}

static void assert_resolves(const char *name, int code, const char *expected)
{
	struct sg_modules *modules = NULL;
	struct sg_strv files = {0};
	struct sg_error err;
	char text[1024] = "";

	assert_int_equal(sg_modules_open(in_folder("modules"), &modules, &err), 0);
	assert_int_equal(sg_modules_resolve(modules, name, &files, &err), code);
	for (size_t i = 0; i < files.count && !code; i++) {
		strcat(text, " ");
		strcat(text, strrchr(files.items[i], '/') + 1);
	}
	assert_string_equal(text, expected);
	sg_strv_deinit(&files);
	sg_modules_destroy(modules);
}

static void modules_come_after_what_they_need(void **state)
{
	(void)state;
	assert_resolves("nvme", 0, " nvme-core.ko nvme.ko");
	assert_resolves("vfio-pci", 0, " irqbypass.ko vfio.ko vfio-pci.ko.xz");
	assert_resolves("vfio_pci", 0, " irqbypass.ko vfio.ko vfio-pci.ko.xz");
	assert_resolves("virtio-pci", 0, "");	/* built in */
}

static void modules_that_cannot_be_are_refused(void **state)
{
	(void)state;
	assert_resolves("nothing", -ENOENT, "");
	assert_resolves("orphan", -ENOENT, "");
	assert_resolves("loop_a", -ELOOP, "");
	assert_resolves("damaged", -ENOEXEC, "");
}

static void folders_without_modules_are_refused(void **state)
{
	struct sg_modules *modules = NULL;
	struct sg_error err;

	(void)state;
	assert_int_equal(sg_modules_open("/no/such/folder", &modules, &err), -ENOENT);
	assert_int_equal(sg_mkdirs(in_folder("empty"), &err), 0);
	assert_int_equal(sg_modules_open(in_folder("empty"), &modules, &err), -ENOENT);
	assert_null(modules);
}

/* "name size" of each entry of one archive, as a list. */
static void read_archive(const void *data, size_t size, char *text, size_t room)
{
	struct archive *archive = archive_read_new();
	struct archive_entry *entry;
	size_t used = 0;

	archive_read_support_format_cpio(archive);
	assert_int_equal(archive_read_open_memory(archive, data, size), ARCHIVE_OK);
	while (archive_read_next_header(archive, &entry) == ARCHIVE_OK)
		used += snprintf(text + used, room - used, "%s %lld\n",
				 archive_entry_pathname(entry),
				 (long long)archive_entry_size(entry));
	assert_int_equal(archive_format(archive), ARCHIVE_FORMAT_CPIO_SVR4_NOCRC);
	archive_read_free(archive);
}

static void entries_are_what_they_were(void **state)
{
	struct sg_blob blob = {0};
	struct sg_cpio *cpio = NULL;
	struct archive *archive = archive_read_new();
	struct archive_entry *entry;
	char content[6] = "";

	(void)state;
	assert_int_equal(sg_cpio_create(&cpio), 0);
	assert_int_equal(sg_cpio_dir(cpio, "dev"), 0);
	assert_int_equal(sg_cpio_char_device(cpio, "dev/console", 5, 1), 0);
	assert_int_equal(sg_cpio_file(cpio, "init", 0755, "hello", 5), 0);
	assert_int_equal(sg_cpio_finish(cpio, &blob), 0);
	sg_cpio_destroy(cpio);
	assert_int_equal(blob.size % 4, 0);
	assert_memory_equal(blob.data, "070701", 6);

	archive_read_support_format_cpio(archive);
	assert_int_equal(archive_read_open_memory(archive, blob.data, blob.size), ARCHIVE_OK);
	assert_int_equal(archive_read_next_header(archive, &entry), ARCHIVE_OK);
	assert_int_equal(archive_entry_mode(entry), S_IFDIR | 0755);
	assert_int_equal(archive_read_next_header(archive, &entry), ARCHIVE_OK);
	assert_int_equal(archive_entry_mode(entry), S_IFCHR | 0600);
	assert_int_equal(archive_entry_rdev(entry), makedev(5, 1));
	assert_int_equal(archive_read_next_header(archive, &entry), ARCHIVE_OK);
	assert_int_equal(archive_entry_mode(entry), S_IFREG | 0755);
	assert_int_equal(archive_read_data(archive, content, 5), 5);
	assert_string_equal(content, "hello");
	archive_read_free(archive);
	sg_blob_deinit(&blob);
}

static void base_holds_modules_and_their_list(void **state)
{
	struct sg_kernel kernel = { .modules = strdup(in_folder("modules")) };
	const char *const extra[] = { "vfio", "loop_c", "nvme-core", NULL };
	struct sg_blob blob = {0};
	struct sg_error err;
	char names[4096] = "";

	(void)state;
	assert_int_equal(sg_initramfs_base(&kernel, in_folder("agent"), NULL, extra, &blob, &err),
			 0);
	read_archive(blob.data, blob.size, names, sizeof(names));
	assert_non_null(strstr(names, "init 13\n"));
	assert_non_null(strstr(names, "sg/ko/vfio-pci.ko "));
	assert_null(strstr(names, "vfio-pci.ko.xz"));
	assert_null(strstr(names, "busybox"));
	assert_non_null(memmem(blob.data, blob.size, "\nnvme: ko/nvme-core.ko ko/nvme.ko\n", 34));
	assert_non_null(memmem(blob.data, blob.size, "\nvfio: ko/irqbypass.ko ko/vfio.ko ", 33));
	assert_non_null(memmem(blob.data, blob.size, "\nloop_c:\n", 9));
	sg_blob_deinit(&blob);
	sg_kernel_deinit(&kernel);
}

static void the_same_input_gives_the_same_bytes(void **state)
{
	struct sg_blob a = {0}, b = {0};
	struct sg_error err;

	(void)state;
	store_module("slotgate.ko", "");
	assert_int_equal(sg_initramfs_run("plan\n", in_folder("slotgate.ko"), NULL, &a, &err), 0);
	sleep(1);
	assert_int_equal(sg_initramfs_run("plan\n", in_folder("slotgate.ko"), NULL, &b, &err), 0);
	assert_int_equal(a.size, b.size);
	assert_memory_equal(a.data, b.data, a.size);
	sg_blob_deinit(&a);
	sg_blob_deinit(&b);
}

static void a_run_has_what_it_asks_for(void **state)
{
	struct sg_blob blob = {0};
	struct sg_error err;
	char names[1024] = "";

	(void)state;
	assert_int_equal(sg_initramfs_run("sleep 1\n", NULL, NULL, &blob, &err), 0);
	read_archive(blob.data, blob.size, names, sizeof(names));
	assert_string_equal(names, "sg/plan 8\n");
	sg_blob_deinit(&blob);
	assert_int_equal(sg_initramfs_run(NULL, in_folder("agent"), NULL, &blob, &err), -ENOEXEC);
	assert_non_null(strstr(err.text, "is no kernel module"));
	assert_int_equal(sg_initramfs_run(NULL, in_folder("none.ko"), NULL, &blob, &err), -ENOENT);
	assert_int_equal(sg_initramfs_run(NULL, folder, NULL, &blob, &err), -EISDIR);
}

static void a_stock_run_has_what_its_plan_inserts(void **state)
{
	static const char plan[] = "modules nvme\n\ninsert slow\ninsert_not x\n";
	struct sg_blob blob = {0};
	struct sg_error err;
	char names[1024] = "";

	(void)state;
	store_module("slow.ko", "");
	store_module("fast.ko", "");
	assert_int_equal(sg_initramfs_run(plan, NULL, folder, &blob, &err), 0);
	read_archive(blob.data, blob.size, names, sizeof(names));
	assert_non_null(strstr(names, "sg/extra/slow.ko"));
	assert_null(strstr(names, "fast.ko"));
	sg_blob_deinit(&blob);
	assert_int_equal(sg_initramfs_run("insert none\n", NULL, folder, &blob, &err), -ENOENT);
	assert_non_null(strstr(err.text, "none.ko"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(modules_come_after_what_they_need),
		cmocka_unit_test(modules_that_cannot_be_are_refused),
		cmocka_unit_test(folders_without_modules_are_refused),
		cmocka_unit_test(entries_are_what_they_were),
		cmocka_unit_test(base_holds_modules_and_their_list),
		cmocka_unit_test(the_same_input_gives_the_same_bytes),
		cmocka_unit_test(a_run_has_what_it_asks_for),
		cmocka_unit_test(a_stock_run_has_what_its_plan_inserts),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
