// SPDX-License-Identifier: GPL-2.0-only
/*
 * bzimage.c - the x86 boot image: check it, name its release, unpack its vmlinux
 *
 * The layout is the boot protocol's (Documentation/x86/boot.rst): a boot
 * sector, setup code, then protected-mode code that holds the compressed
 * vmlinux at payload_offset.
 */
#include <archive.h>
#include <archive_entry.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include "slotgate/cleanup.h"
#include "slotgate/kernel.h"

enum {
	SECTOR = 512,
	SETUP_SECTS = 0x1f1,
	BOOT_FLAG = 0x1fe,
	HEADER_MAGIC = 0x202,
	PROTOCOL = 0x206,
	KERNEL_VERSION = 0x20e,
	PAYLOAD_OFFSET = 0x248,
	PAYLOAD_LENGTH = 0x24c,
	HEADER_END = 0x268,
	PROTOCOL_WITH_PAYLOAD = 0x0208,
	OLD_SETUP_SECTS = 4,
	IMAGE_MAX = 512 << 20,
};

struct blob {
	unsigned char *data;
	size_t size;
};

static void blob_deinit(struct blob *blob)
{
	free(blob->data);
}

static uint32_t get16(const unsigned char *p)
{
	return p[0] | p[1] << 8;
}

static uint32_t get32(const unsigned char *p)
{
	return get16(p) | get16(p + 2) << 16;
}

static int read_all(int fd, unsigned char *data, size_t size)
{
	while (size) {
		ssize_t n = read(fd, data, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			return -ENOEXEC;
		data += n;
		size -= n;
	}
	return 0;
}

static int blob_read(const char *path, struct blob *ret)
{
	sg_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	sg_autofree unsigned char *data = NULL;
	struct stat st;
	int err;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!S_ISREG(st.st_mode) || st.st_size < HEADER_END || st.st_size > IMAGE_MAX)
		return -ENOEXEC;
	data = malloc(st.st_size);
	if (!data)
		return -ENOMEM;
	err = read_all(fd, data, st.st_size);
	if (err)
		return err;
	ret->size = st.st_size;
	ret->data = sg_steal(data);
	return 0;
}

static bool is_bzimage(const struct blob *image)
{
	assert(image->data);	/* it was read, and is large enough */
	return get16(image->data + BOOT_FLAG) == 0xaa55 &&
	       !memcmp(image->data + HEADER_MAGIC, "HdrS", 4) &&
	       get16(image->data + PROTOCOL) >= PROTOCOL_WITH_PAYLOAD;
}

/* The header points to "6.1.0-56-amd64 (builder) #1 SMP ..." in the setup code. */
static int read_release(const struct blob *image, char **ret)
{
	size_t start = get16(image->data + KERNEL_VERSION) + SECTOR;
	const char *text = (const char *)image->data + start;
	size_t length = 0;

	if (start == SECTOR || start >= image->size)
		return -ENOEXEC;
	while (length < image->size - start && (unsigned char)text[length] > ' ')
		length++;
	*ret = strndup(text, length);
	return *ret ? 0 : -ENOMEM;
}

static int find_payload(const struct blob *image, struct blob *ret)
{
	unsigned int sects = image->data[SETUP_SECTS];
	uint64_t start = (uint64_t)SECTOR * ((sects ? sects : OLD_SETUP_SECTS) + 1) +
			 get32(image->data + PAYLOAD_OFFSET);
	uint64_t length = get32(image->data + PAYLOAD_LENGTH);

	if (length < 8 || start > image->size || length > image->size - start)
		return -EBADMSG;
	ret->data = image->data + start;
	ret->size = length;
	return 0;
}

static bool is_gzip(const struct blob *payload)
{
	return payload->data[0] == 0x1f && payload->data[1] == 0x8b;
}

static int open_payload(struct archive *archive, const struct blob *payload)
{
	struct archive_entry *entry;

	archive_read_support_filter_all(archive);
	archive_read_support_format_raw(archive);
	if (archive_read_open_memory(archive, payload->data, payload->size) != ARCHIVE_OK ||
	    archive_read_next_header(archive, &entry) != ARCHIVE_OK)
		return -EBADMSG;
	/* Without a filter "raw" would hand back the packed bytes themselves. */
	return archive_filter_code(archive, 0) == ARCHIVE_FILTER_NONE ? -EBADMSG : 0;
}

static void archive_cleanup(struct archive **archive)
{
	archive_read_free(*archive);
}

static int unpack(const struct blob *payload, size_t size, struct blob *ret)
{
	sg_cleanup(archive_cleanup) struct archive *archive = archive_read_new();
	sg_autofree unsigned char *data = malloc(size);
	size_t done = 0;
	char rest;
	int err;

	if (!archive || !data)
		return -ENOMEM;
	err = open_payload(archive, payload);
	if (err)
		return err;
	while (done < size) {
		la_ssize_t n = archive_read_data(archive, data + done, size - done);

		if (n <= 0)
			return -EBADMSG;
		done += n;
	}
	if (archive_read_data(archive, &rest, 1) != 0)	/* also where a checksum is verified */
		return -EBADMSG;
	ret->data = sg_steal(data);
	ret->size = size;
	return 0;
}

/*
 * The last four bytes are the unpacked size: of gzip by its own definition,
 * for every other packer appended by the kernel's build, and no part of the
 * packed stream.
 */
static int unpack_payload(const struct blob *payload, struct blob *ret)
{
	size_t size = get32(payload->data + payload->size - 4);
	struct blob stream = *payload;

	if (!size || size > IMAGE_MAX)
		return -EBADMSG;
	if (!is_gzip(payload))
		stream.size -= 4;
	return unpack(&stream, size, ret);
}

int sg_bzimage_extract(const char *path, void **vmlinux, size_t *size)
{
	sg_cleanup(blob_deinit) struct blob image = {0};
	struct blob payload, elf;
	int err = blob_read(path, &image);

	if (err)
		return err;
	if (!is_bzimage(&image))
		return -ENOEXEC;
	err = find_payload(&image, &payload);
	if (!err)
		err = unpack_payload(&payload, &elf);
	if (err)
		return err;
	*vmlinux = elf.data;
	*size = elf.size;
	return 0;
}

int sg_bzimage_check(const char *path, char **release)
{
	sg_cleanup(blob_deinit) struct blob image = {0};
	int err = blob_read(path, &image);

	if (err)
		return err;
	if (!is_bzimage(&image))
		return -ENOEXEC;
	return release ? read_release(&image, release) : 0;
}
