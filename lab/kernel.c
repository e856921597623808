// SPDX-License-Identifier: GPL-2.0-only
/*
 * kernel.c - kernels at hand: distribution lines in the cache, or a user's own image
 *
 * Cache: kernels/LINE/RELEASE and sources/SUITE/NAME, as packages.c has them.
 * tools/build-kernel puts the kernels that it builds into the same places.
 */
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <string.h>

#include "deb.h"
#include "kernel_tree.h"
#include "packages.h"
#include "slotgate/cleanup.h"
#include "slotgate/strv.h"

const struct sg_kernel_line sg_kernel_lines[] = {
	{ .name = "bookworm", .suite = "bookworm", .summary = "Debian 12's stock kernel (6.1)" },
	{ .name = "bookworm-backports", .suite = "bookworm-backports",
	  .summary = "Debian 12's backported kernel (6.12)" },
	{ .name = "bullseye", .suite = "bullseye", .in_chroot = true,
	  .summary = "Debian 11's stock kernel (5.10)" },
	{ .name = "sid", .suite = "sid", .in_chroot = true,
	  .summary = "Debian unstable's kernel" },
	{ .name = "debug", .suite = "bookworm", .made_by = "make debug-kernel", .pace = 4,
	  .insert = "lockdep_exempt",
	  .summary = "6.1 that watches itself (KASAN, lockdep)" },
	{ .name = "lockdep", .suite = "bookworm", .made_by = "make debug-kernel",
	  .summary = "6.1 with lockdep and nothing else that watches" },
	{ .name = "pciehp-2020", .suite = "bookworm", .made_by = "make debug-kernel",
	  .summary = "6.1 with pciehp's locking of before 2023" },
	{ .name = NULL }
};

static const char *const root_packages[] = { "linux-image-amd64", "linux-headers-amd64", NULL };

void sg_kernel_deinit(struct sg_kernel *kernel)
{
	free(kernel->line);
	free(kernel->release);
	free(kernel->image);
	free(kernel->modules);
	free(kernel->headers);
	free(kernel->ko);
	free(kernel->extra);
	free(kernel->chroot);
	free(kernel->sources);
	*kernel = (struct sg_kernel){0};
}

const struct sg_kernel_line *sg_kernel_line_find(const char *name)
{
	for (const struct sg_kernel_line *line = sg_kernel_lines; line->name; line++)
		if (!strcmp(line->name, name))
			return line;
	return NULL;
}

static char *find_ko(const char *release)
{
	sg_autofree char *name = sg_format("kmod/%s/slotgate.ko", release);
	sg_autofree char *path = name ? sg_own_file(name) : NULL;

	return path && !access(path, F_OK) ? sg_steal(path) : NULL;
}

static char *find_extra(const char *release)
{
	sg_autofree char *folder = sg_format("kmod/%s/extra", release);

	return folder ? sg_own_file(folder) : NULL;
}

static int line_folder(const struct sg_kernel_line *line, char **ret, struct sg_error *err)
{
	sg_autofree char *cache = NULL;
	int code = sg_cache_dir(&cache, err);

	if (code)
		return code;
	*ret = sg_format("%s/kernels/%s", cache, line->name);
	return *ret ? 0 : sg_error_set(err, -ENOMEM, "out of memory");
}

/* Where the compiler of another suite is, or will be once it is needed. */
static int find_builder(const struct sg_kernel_line *line, struct sg_kernel *kernel,
			struct sg_error *err)
{
	sg_autofree char *cache = NULL;
	int code = line->in_chroot ? sg_cache_dir(&cache, err) : 0;

	if (code || !line->in_chroot)
		return code;
	kernel->chroot = sg_format("%s/chroots/%s/%s", cache, line->suite, kernel->release);
	kernel->sources = deb_sources(cache, line->suite);
	if (!kernel->chroot || !kernel->sources)
		return sg_error_set(err, -ENOMEM, "out of memory");
	return 0;
}

static int open_entry(const struct sg_kernel_line *line, const char *folder,
		      struct sg_kernel *ret, struct sg_error *err)
{
	sg_autofree char *root = sg_format("%s/root", folder);
	sg_cleanup(sg_kernel_deinit) struct sg_kernel kernel = {0};
	int code = root ? kernel_tree_find(root, &kernel, err) : -ENOMEM;

	if (!code)
		code = find_builder(line, &kernel, err);
	if (code)
		return code;
	kernel.line = strdup(line->name);
	kernel.pace = line->pace;
	kernel.insert = line->insert;
	kernel.extra = find_extra(kernel.release);
	kernel.ko = find_ko(kernel.release);
	*ret = kernel;
	kernel = (struct sg_kernel){0};
	return 0;
}

static int refuse_absent(const struct sg_kernel_line *line, struct sg_error *err)
{
	if (line->made_by)
		return sg_error_set(err, -ENOENT, "kernel %s is not built yet: %s", line->name,
				    line->made_by);
	return sg_error_set(err, -ENOENT, "kernel %s is not fetched yet", line->name);
}

int sg_kernel_cached(const struct sg_kernel_line *line, struct sg_kernel *ret,
		     struct sg_error *err)
{
	sg_autofree char *folder = NULL, *current = NULL, *real = NULL;
	int code = line_folder(line, &folder, err);

	if (code)
		return code;
	current = sg_format("%s/current", folder);
	real = current ? realpath(current, NULL) : NULL;
	if (!real)
		return refuse_absent(line, err);
	return open_entry(line, real, ret, err);
}

/* After unpacking: find out what it is, and make it usable where it lies. */
static int settle(const char *root, char **release, struct sg_error *err)
{
	sg_cleanup(sg_kernel_deinit) struct sg_kernel kernel = {0};
	int code = kernel_tree_relocate(root, err);

	if (!code)
		code = kernel_tree_find(root, &kernel, err);
	if (!code)
		*release = sg_steal(kernel.release);
	return code;
}

static int fetch(const struct sg_kernel_line *line, const char *folder,
		 const struct sg_watch *watch, struct sg_error *err)
{
	const struct packages packages = {
		.suite = line->suite, .roots = root_packages, .is_part = deb_is_kernel,
		.folder = folder, .settle = settle,
	};

	return packages_fetch(&packages, watch, err);
}

int sg_kernel_fetch(const struct sg_kernel_line *line, const struct sg_watch *watch,
		    struct sg_kernel *ret, struct sg_error *err)
{
	sg_autofree char *folder = NULL;
	struct sg_error ignored;
	int code;

	/* Nothing to fetch: whoever builds it looks whether it is current. */
	if (line->made_by)
		return sg_kernel_cached(line, ret, err);
	code = line_folder(line, &folder, err);
	if (!code)
		code = fetch(line, folder, watch, err);
	if (code == -EINTR)
		return code;
	if (!code)
		return sg_kernel_cached(line, ret, err);
	if (sg_kernel_cached(line, ret, &ignored))
		return code;
	sg_watch_say(watch, "using the %s kernel fetched earlier (%s)", line->name, err->text);
	return 0;
}

/* One archive is all that is wanted of a source package. */
static int find_archive(const char *root, char **ret)
{
	sg_autofree char *pattern = sg_format("%s/usr/src/linux-source-*.tar.xz", root);
	glob_t list;

	if (!pattern)
		return -ENOMEM;
	if (glob(pattern, 0, NULL, &list))
		return -ENOENT;
	*ret = strdup(list.gl_pathv[0]);
	globfree(&list);
	return *ret ? 0 : -ENOMEM;
}

static int settle_source(const char *root, char **name, struct sg_error *err)
{
	sg_autofree char *archive = NULL;
	int code = find_archive(root, &archive);

	if (code)
		return sg_error_set(err, code, "%s holds no kernel source", root);
	archive[strlen(archive) - strlen(".tar.xz")] = '\0';
	*name = strdup(strrchr(archive, '/') + 1);
	return *name ? 0 : sg_error_set(err, -ENOMEM, "out of memory");
}

int sg_kernel_source(const struct sg_kernel_line *line, const struct sg_watch *watch,
		     char **ret, struct sg_error *err)
{
	static const char *const roots[] = { "linux-source", NULL };
	sg_autofree char *cache = NULL, *folder = NULL, *root = NULL;
	struct packages packages = {
		.suite = line->suite, .roots = roots, .is_part = deb_is_kernel,
		.settle = settle_source,
	};
	int code = sg_cache_dir(&cache, err), fetched;

	if (code)
		return code;
	packages.folder = folder = sg_format("%s/sources/%s", cache, line->suite);
	root = folder ? sg_format("%s/current/root", folder) : NULL;
	if (!root)
		return sg_error_set(err, -ENOMEM, "out of memory");
	fetched = packages_fetch(&packages, watch, err);
	if (fetched == -EINTR)
		return fetched;
	code = find_archive(root, ret);
	if (fetched)
		return code ? fetched : 0;
	return code ? sg_error_set(err, code, "%s holds no kernel source", root) : 0;
}

/* @path is absent or no kernel; a bare word may have been meant as a line. */
static int refuse_image(const char *path, int code, struct sg_error *err)
{
	if (code == -ENOEXEC)
		return sg_error_set(err, code, "%s is no x86 kernel image (bzImage)", path);
	if (code == -ENOENT && !strchr(path, '/'))
		return sg_error_set(err, code, "%s is neither a file nor a kernel line "
				    "(slotgate lab kernels lists them)", path);
	return sg_error_set(err, code, "cannot read kernel %s: %s", path, strerror(-code));
}

static int open_image(const char *path, const char *modules, struct sg_kernel *ret,
		      struct sg_error *err)
{
	sg_cleanup(sg_kernel_deinit) struct sg_kernel kernel = {0};
	int code = sg_bzimage_check(path, &kernel.release);

	if (code)
		return refuse_image(path, code, err);
	if (!modules)
		return sg_error_set(err, -EINVAL, "%s needs --modules DIR, "
				    "the folder of that kernel's modules", path);
	kernel.image = realpath(path, NULL);
	kernel.modules = realpath(modules, NULL);
	kernel.ko = find_ko(kernel.release);
	if (!kernel.modules)
		return sg_error_set(err, -errno, "cannot read modules in %s: %m", modules);
	*ret = kernel;
	kernel = (struct sg_kernel){0};
	return 0;
}

int sg_kernel_open(const char *name, const char *modules, const struct sg_watch *watch,
		   struct sg_kernel *ret, struct sg_error *err)
{
	const struct sg_kernel_line *line = sg_kernel_line_find(name);
	int code;

	if (!line)
		return open_image(name, modules, ret, err);
	code = sg_kernel_cached(line, ret, err);
	if (code)
		code = sg_kernel_fetch(line, watch, ret, err);
	if (code || !modules)
		return code;
	free(ret->modules);
	ret->modules = realpath(modules, NULL);
	if (ret->modules)
		return 0;
	code = -errno;
	sg_kernel_deinit(ret);
	return sg_error_set(err, code, "cannot read modules in %s: %s", modules, strerror(-code));
}
