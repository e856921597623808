// SPDX-License-Identifier: GPL-2.0-only
/*
 * busybox.c - a shell for guests
 *
 * The package busybox-static would push busybox off the machine, which its
 * own initramfs may want: it is unpacked into the cache instead.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "deb.h"
#include "slotgate/cleanup.h"

#define SUITE "bookworm"

static int unpack(const char *cache, const char *folder, const struct sg_watch *watch,
		  struct sg_error *err)
{
	sg_cleanup(deb_deinit) struct deb_source source = {0};
	sg_cleanup(sg_strv_deinit) struct sg_strv packages = {0};
	sg_autofree char *fresh = sg_format("%s.fresh", folder);
	int code = deb_open(SUITE, cache, watch, &source, err);

	if (code || !fresh || sg_strv_add(&packages, "busybox-static"))
		return code ? code : sg_error_set(err, -ENOMEM, "out of memory");
	sg_remove_tree(fresh);
	code = deb_unpack(&source, &packages, fresh, watch, err);
	if (code && code != -EINTR) {
		code = deb_update(&source, watch, err);
		if (!code)
			code = deb_unpack(&source, &packages, fresh, watch, err);
	}
	if (!code && rename(fresh, folder) < 0)
		code = sg_error_set(err, -errno, "cannot create %s: %m", folder);
	sg_remove_tree(fresh);
	return code;
}

int sg_busybox_fetch(const struct sg_watch *watch, char **ret, struct sg_error *err)
{
	sg_autofree char *cache = NULL, *folder = NULL, *path = NULL;
	int code = sg_cache_dir(&cache, err);

	if (code)
		return code;
	folder = sg_format("%s/busybox", cache);
	path = folder ? sg_format("%s/root/bin/busybox", folder) : NULL;
	if (!path)
		return sg_error_set(err, -ENOMEM, "out of memory");
	if (access(path, R_OK))
		code = unpack(cache, folder, watch, err);
	if (!code)
		*ret = sg_steal(path);
	return code;
}
