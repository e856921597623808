// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_bzimage.c - boot images made here: whole, cut, damaged, and no image at all
 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "slotgate/kernel.h"
#include "slotgate/vm.h"

enum { CONTENT = 100000, SETUP_SECTS = 2, SETUP = (SETUP_SECTS + 1) * 512, ROOM = 1 << 20 };

static unsigned char content[CONTENT];
static char path[] = "/tmp/slotgate-bzimage-XXXXXX";

static void put32(unsigned char *p, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		p[i] = value >> (8 * i);
}

/* Pack @content as the kernel's build does; every packer but gzip gets the size appended. */
static size_t pack(unsigned char *out, int (*add_filter)(struct archive *), bool append_size)
{
	struct archive *archive = archive_write_new();
	struct archive_entry *entry = archive_entry_new();
	size_t used = 0;

	assert_int_equal(add_filter(archive), ARCHIVE_OK);
	archive_write_set_format_raw(archive);
	archive_write_set_bytes_in_last_block(archive, 1);
	assert_int_equal(archive_write_open_memory(archive, out, ROOM / 2, &used), ARCHIVE_OK);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_write_header(archive, entry);
	assert_int_equal(archive_write_data(archive, content, CONTENT), CONTENT);
	archive_write_close(archive);
	archive_write_free(archive);
	archive_entry_free(entry);
	if (append_size) {
		put32(out + used, CONTENT);
		used += 4;
	}
	return used;
}

static size_t build(unsigned char *image, int (*add_filter)(struct archive *), bool append_size)
{
	const unsigned int offset = 64;
	size_t length;

	memset(image, 0, ROOM);
	image[0x1f1] = SETUP_SECTS;
	image[0x1fe] = 0x55;
	image[0x1ff] = 0xaa;
	memcpy(image + 0x202, "HdrS", 4);
	image[0x206] = 0x0f;
	image[0x207] = 0x02;
	image[0x20e] = 0x00;
	image[0x20f] = 0x02;	/* version string at 0x200 + 512 */
	strcpy((char *)image + 0x400, "6.1.0-99-test (someone) #1 SMP");
	length = pack(image + SETUP + offset, add_filter, append_size);
	put32(image + 0x248, offset);
	put32(image + 0x24c, length);
	return SETUP + offset + length;
}

static void store(const void *data, size_t size)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static int extract(size_t *size)
{
	void *data = NULL;
	int err = sg_bzimage_extract(path, &data, size);

	if (!err) {
		assert_int_equal(*size, CONTENT);
		assert_memory_equal(data, content, CONTENT);
	}
	free(data);
	return err;
}

static void every_packer_is_read(void **state)
{
	static const struct {
		int (*add_filter)(struct archive *);
		bool append_size;
	} packers[] = {
		{ archive_write_add_filter_gzip, false }, { archive_write_add_filter_xz, true },
		{ archive_write_add_filter_zstd, true },  { archive_write_add_filter_lzma, true },
		{ archive_write_add_filter_bzip2, true },
	};
	unsigned char *image = malloc(ROOM);
	size_t size;

	(void)state;
	for (size_t i = 0; i < sizeof(packers) / sizeof(*packers); i++) {
		store(image, build(image, packers[i].add_filter, packers[i].append_size));
		assert_int_equal(extract(&size), 0);
	}
	free(image);
}

static void the_release_is_read(void **state)
{
	unsigned char *image = malloc(ROOM);
	char *release = NULL;

	(void)state;
	store(image, build(image, archive_write_add_filter_gzip, false));
	assert_int_equal(sg_bzimage_check(path, &release), 0);
	assert_string_equal(release, "6.1.0-99-test");
	free(release);
	assert_int_equal(sg_bzimage_check(path, NULL), 0);
	free(image);
}

static void what_is_no_image_is_refused(void **state)
{
	unsigned char *image = calloc(1, ROOM);
	size_t size;

	(void)state;
	store("", 0);
	assert_int_equal(extract(&size), -ENOEXEC);
	store("#!/bin/sh\n", 10);
	assert_int_equal(extract(&size), -ENOEXEC);
	store(image, ROOM);
	assert_int_equal(extract(&size), -ENOEXEC);
	build(image, archive_write_add_filter_gzip, false);
	image[0x207] = 0x01;	/* a boot protocol without payload members */
	store(image, ROOM);
	assert_int_equal(extract(&size), -ENOEXEC);
	assert_int_equal(sg_bzimage_check("/", NULL), -EISDIR);
	assert_int_equal(sg_bzimage_check("/dev/zero", NULL), -ENOEXEC);
	assert_int_equal(sg_bzimage_check("/no/such/file", NULL), -ENOENT);
	free(image);
}

static void a_cut_image_is_refused(void **state)
{
	unsigned char *image = malloc(ROOM);
	size_t size, whole = build(image, archive_write_add_filter_xz, true);

	(void)state;
	for (size_t cut = 1; cut < whole; cut += whole / 37) {
		store(image, whole - cut);
		assert_int_not_equal(extract(&size), 0);
	}
	free(image);
}

/* Whatever the bytes say, no crash and no wrong content (a checksum sees to that). */
static void damage_does_no_harm(void **state)
{
	unsigned char *image = malloc(ROOM), *damaged = malloc(ROOM);
	size_t size, whole = build(image, archive_write_add_filter_xz, true);

	(void)state;
	srand(1);
	for (int i = 0; i < 300; i++) {
		memcpy(damaged, image, whole);
		for (int n = 0; n < 4; n++)
			damaged[0x1f1 + rand() % (i % 2 ? 0x60 : (int)whole - 0x1f1)] = rand();
		store(damaged, whole);
		extract(&size);
	}
	free(image);
	free(damaged);
}

/* QEMU boots what has a note "Xen" of type 18; @type and @name are what is there. */
static int open_vmlinux(uint32_t type, const char *name)
{
	enum { NOTE = 0x1000, PHDR = 64 };
	unsigned char *image = malloc(ROOM), saved[NOTE + 64];
	int fd;

	memcpy(saved, content, sizeof(saved));
	memset(content, 0, NOTE);
	memcpy(content, "\177ELF\2\1\1", 7);
	content[16] = 2;		/* executable, x86-64 */
	content[18] = 62;
	content[20] = 1;
	content[32] = PHDR;
	content[52] = 64;
	content[54] = 56;		/* size and number of segments */
	content[56] = 1;
	put32(content + PHDR, 4);	/* notes */
	put32(content + PHDR + 8, NOTE);
	put32(content + PHDR + 32, 24);
	put32(content + PHDR + 40, 24);
	put32(content + NOTE, 4);
	put32(content + NOTE + 4, 8);
	put32(content + NOTE + 8, type);
	memcpy(content + NOTE + 12, name, 4);
	store(image, build(image, archive_write_add_filter_gzip, false));
	fd = sg_vmlinux_open(path);
	if (fd >= 0) {
		assert_int_equal(pread(fd, image, CONTENT, 0), CONTENT);
		assert_memory_equal(image, content, CONTENT);
		close(fd);
	}
	memcpy(content, saved, sizeof(saved));
	free(image);
	return fd < 0 ? fd : 0;
}

static void what_qemu_can_boot_is_unpacked(void **state)
{
	(void)state;
	assert_int_equal(open_vmlinux(18, "Xen"), 0);
	assert_int_equal(open_vmlinux(1, "Xen"), -ENOTSUP);
	assert_int_equal(open_vmlinux(18, "GNU"), -ENOTSUP);
	assert_int_equal(sg_vmlinux_open("/no/such/file"), -ENOENT);
}

static int setup(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	for (size_t i = 0; i < CONTENT; i++)
		content[i] = i * i >> 7;
	memcpy(content, "\177ELF", 4);
	return fd < 0 ? -1 : close(fd);
}

static int teardown(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_packer_is_read),
		cmocka_unit_test(the_release_is_read),
		cmocka_unit_test(what_is_no_image_is_refused),
		cmocka_unit_test(a_cut_image_is_refused),
		cmocka_unit_test(damage_does_no_harm),
		cmocka_unit_test(what_qemu_can_boot_is_unpacked),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
