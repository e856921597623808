// SPDX-License-Identifier: GPL-2.0-only
/*
 * xen_guest.c - what a guest boots that the agent creates in domain 0
 *
 * The same kernel, and the same initramfs, which has one file more: by that the
 * agent there knows what it is.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "slotgate/cleanup.h"
#include "slotgate/lab.h"
#include "slotgate/xen.h"

#define FOLDER "sg/guest"

static void cpio_cleanup(struct sg_cpio **cpio)
{
	sg_cpio_destroy(*cpio);
}

static int append(struct sg_blob *blob, const struct sg_blob *more)
{
	char *longer = realloc(blob->data, blob->size + more->size);

	if (!longer)
		return -ENOMEM;
	memcpy(longer + blob->size, more->data, more->size);
	blob->data = longer;
	blob->size += more->size;
	return 0;
}

static int pack_initrd(const struct sg_blob *base, struct sg_blob *ret)
{
	sg_cleanup(cpio_cleanup) struct sg_cpio *cpio = NULL;
	sg_cleanup(sg_blob_deinit) struct sg_blob mark = {0};
	int code = sg_cpio_create(&cpio);

	if (!code)
		code = sg_cpio_file(cpio, "guest", 0644, "", 0);
	if (!code)
		code = sg_cpio_finish(cpio, &mark);
	if (!code)
		code = append(ret, base);
	return code ? code : append(ret, &mark);
}

static int pack(const char *image, size_t size, const struct sg_blob *initrd, struct sg_blob *ret)
{
	sg_cleanup(cpio_cleanup) struct sg_cpio *cpio = NULL;
	int code = sg_cpio_create(&cpio);

	if (!code)
		code = sg_cpio_dir(cpio, FOLDER);
	if (!code)
		code = sg_cpio_file(cpio, FOLDER "/kernel", 0644, image, size);
	if (!code)
		code = sg_cpio_file(cpio, FOLDER "/initrd", 0644, initrd->data, initrd->size);
	return code ? code : sg_cpio_finish(cpio, ret);
}

int sg_xen_guest(const struct sg_kernel *kernel, const struct sg_blob *base,
		 struct sg_blob *ret, struct sg_error *err)
{
	sg_cleanup(sg_blob_deinit) struct sg_blob initrd = {0};
	sg_autofree char *image = NULL;
	size_t size;
	int code = sg_file_read(kernel->image, &image, &size);

	if (code)
		return sg_error_set(err, code, "%s: %s", kernel->image, strerror(-code));
	code = pack_initrd(base, &initrd);
	if (!code)
		code = pack(image, size, &initrd, ret);
	return code ? sg_error_set(err, code, "cannot pack a guest: %s", strerror(-code)) : 0;
}
