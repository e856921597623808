// SPDX-License-Identifier: GPL-2.0-only
/*
 * xen.c - the hypervisor and its programs, from packages that are not installed
 *
 * Cache: xen/VERSION, as packages.c has it.  The packages are those that the
 * programs need in a guest which has nothing else; what they depend on beyond
 * that (Perl, Python, udev) is for a machine that they are installed on.
 */
#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "packages.h"
#include "slotgate/cleanup.h"
#include "slotgate/strv.h"
#include "slotgate/xen.h"

#define SUITE "bookworm"
#define PROGRAMS "usr/lib/xen-4.17/bin"

static const char *const packages[] = {
	"xen-hypervisor-4.17-amd64", "xen-utils-4.17",
	"libxenmisc4.17", "libxenstore4", "libxencall1", "libxendevicemodel1", "libxenevtchn1",
	"libxenforeignmemory1", "libxengnttab1", "libxenhypfs1", "libxentoolcore1",
	"libxentoollog1", "libc6", "libgcc-s1", "libyajl2", "libuuid1", "liblzma5", "libzstd1", "zlib1g", NULL
};

/* A cache without them is not there, or of an earlier version. */
static const char *const landmarks[] = {
	"boot/xen", "lib/x86_64-linux-gnu/libgcc_s.so.1", NULL
};

static const char *const programs[] = {
	"xenstored", "xen-init-dom0", "xenconsoled", "xl", NULL
};

/* The dynamic linker's own places, and those of the packages' libraries. */
static const char *const library_folders[] = {
	"lib64", "lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu", NULL
};

void sg_xen_deinit(struct sg_xen *xen)
{
	free(xen->hypervisor);
	sg_blob_deinit(&xen->programs);
	*xen = (struct sg_xen){0};
}

/* "boot/xen-4.17-amd64.gz": its name without ".gz" is what QEMU boots. */
static int unpack_hypervisor(const char *root, char **name, struct sg_error *err)
{
	sg_autofree char *pattern = sg_format("%s/boot/xen-*.gz", root);
	sg_autofree char *data = NULL, *plain = sg_format("%s/boot/xen", root);
	const char *slash;
	size_t size;
	glob_t found;
	int code;

	if (!pattern || !plain)
		return sg_error_set(err, -ENOMEM, "out of memory");
	if (glob(pattern, 0, NULL, &found))
		return sg_error_set(err, -ENOENT, "%s holds no hypervisor", root);
	code = sg_file_unpack(found.gl_pathv[0], &data, &size);
	if (code)
		sg_error_set(err, code, "cannot unpack %s: %s", found.gl_pathv[0], strerror(-code));
	else
		code = sg_file_write(plain, data, size, err);
	slash = strrchr(found.gl_pathv[0], '/');
	*name = code ? NULL : sg_format("%.*s", (int)(strlen(slash + 1) - strlen(".gz")), slash + 1);
	globfree(&found);
	return code || *name ? code : sg_error_set(err, -ENOMEM, "out of memory");
}

static int fetch(const char *folder, const struct sg_watch *watch, struct sg_error *err)
{
	const struct packages wanted = {
		.suite = SUITE, .roots = packages, .folder = folder, .exact = true,
		.settle = unpack_hypervisor,
	};

	return packages_fetch(&wanted, watch, err);
}

/* Every folder on the way to @path, from the first one on. */
static int add_folders(struct sg_cpio *cpio, const char *path)
{
	int code = 0;

	for (const char *slash = path; slash && !code; ) {
		sg_autofree char *part = NULL;

		slash = strchr(slash, '/');
		part = sg_format("%.*s", slash ? (int)(slash - path) : INT_MAX, path);
		code = part ? sg_cpio_dir(cpio, part) : -ENOMEM;
		slash = slash ? slash + 1 : NULL;
	}
	return code;
}

static int add_file(struct sg_cpio *cpio, const char *root, const char *folder, const char *name)
{
	sg_autofree char *path = sg_format("%s/%s/%s", root, folder, name);
	sg_autofree char *inside = sg_format("%s/%s", folder, name);
	sg_autofree char *data = NULL;
	char target[PATH_MAX];
	ssize_t len;
	size_t size;
	int code;

	if (!path || !inside)
		return -ENOMEM;
	len = readlink(path, target, sizeof(target) - 1);
	if (len >= 0) {
		target[len] = '\0';
		return sg_cpio_symlink(cpio, inside, target);
	}
	code = sg_file_read(path, &data, &size);
	return code ? code : sg_cpio_file(cpio, inside, 0755, data, size);
}

static int add_libraries(struct sg_cpio *cpio, const char *root, const char *folder)
{
	sg_autofree char *path = sg_format("%s/%s", root, folder);
	DIR *dir = path ? opendir(path) : NULL;
	struct dirent *entry;
	int code = dir ? add_folders(cpio, folder) : -errno;

	while (dir && !code && (entry = readdir(dir)))
		if (strstr(entry->d_name, ".so"))
			code = add_file(cpio, root, folder, entry->d_name);
	if (dir)
		closedir(dir);
	return code;
}

static void cpio_cleanup(struct sg_cpio **cpio)
{
	sg_cpio_destroy(*cpio);
}

static int pack_programs(const char *root, struct sg_blob *ret, struct sg_error *err)
{
	sg_cleanup(cpio_cleanup) struct sg_cpio *cpio = NULL;
	int code = sg_cpio_create(&cpio);

	for (size_t i = 0; library_folders[i] && !code; i++)
		code = add_libraries(cpio, root, library_folders[i]);
	if (!code)
		code = add_folders(cpio, PROGRAMS);
	for (size_t i = 0; programs[i] && !code; i++)
		code = add_file(cpio, root, PROGRAMS, programs[i]);
	if (!code)
		code = sg_cpio_finish(cpio, ret);
	return code ? sg_error_set(err, code, "cannot pack Xen's programs from %s: %s", root,
				   strerror(-code)) : 0;
}

static bool is_whole(const char *root)
{
	for (size_t i = 0; landmarks[i]; i++) {
		sg_autofree char *path = sg_format("%s/%s", root, landmarks[i]);

		if (!path || access(path, R_OK))
			return false;
	}
	return true;
}

int sg_xen_open(const struct sg_watch *watch, struct sg_xen *ret, struct sg_error *err)
{
	sg_autofree char *cache = NULL, *folder = NULL, *root = NULL;
	sg_cleanup(sg_xen_deinit) struct sg_xen xen = {0};
	int code = sg_cache_dir(&cache, err);

	if (code)
		return code;
	folder = sg_format("%s/xen", cache);
	root = folder ? sg_format("%s/current/root", folder) : NULL;
	xen.hypervisor = root ? sg_format("%s/boot/xen", root) : NULL;
	if (!xen.hypervisor)
		return sg_error_set(err, -ENOMEM, "out of memory");
	if (!is_whole(root))
		code = fetch(folder, watch, err);
	if (!code)
		code = pack_programs(root, &xen.programs, err);
	if (code)
		return code;
	*ret = xen;
	xen = (struct sg_xen){0};
	return 0;
}
