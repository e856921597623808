// SPDX-License-Identifier: GPL-2.0-only
/*
 * kernel.c - kernels at hand: distribution lines in the cache, or a user's own image
 *
 * Cache: kernels/LINE/RELEASE/root holds the unpacked packages, .../manifest
 * names them, and kernels/LINE/current leads to the release last fetched.  A
 * release is unpacked beside its place and renamed at the end, so that what
 * has the right name is whole.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "deb.h"
#include "kernel_tree.h"
#include "slotgate/cleanup.h"

const struct sg_kernel_line sg_kernel_lines[] = {
	{ "bookworm", "bookworm", "Debian 12's stock kernel (6.1)", false },
	{ "bookworm-backports", "bookworm-backports", "Debian 12's backported kernel (6.12)", false },
	{ "bullseye", "bullseye", "Debian 11's stock kernel (5.10)", true },
	{ "sid", "sid", "Debian unstable's kernel", true },
	{ NULL, NULL, NULL, false }
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
	kernel.ko = find_ko(kernel.release);
	*ret = kernel;
	kernel = (struct sg_kernel){0};
	return 0;
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
		return sg_error_set(err, -ENOENT, "kernel %s is not fetched yet", line->name);
	return open_entry(line, real, ret, err);
}

static bool manifest_matches(const char *folder, const char *manifest)
{
	sg_autofree char *path = sg_format("%s/current/manifest", folder);
	sg_autofree char *text = NULL;

	return path && !sg_file_read(path, &text, NULL) && !strcmp(text, manifest);
}

static int point_to(const char *folder, const char *release, struct sg_error *err)
{
	sg_autofree char *link = sg_format("%s/current", folder);
	sg_autofree char *temporary = sg_format("%s/current.new", folder);

	if (!link || !temporary)
		return sg_error_set(err, -ENOMEM, "out of memory");
	unlink(temporary);
	if (symlink(release, temporary) < 0 || rename(temporary, link) < 0)
		return sg_error_set(err, -errno, "cannot write %s: %m", link);
	return 0;
}

/* Move the unpacked kernel to its place; an older one of the same release gives way. */
static int settle(const char *folder, const char *fresh, const char *release,
		  struct sg_error *err)
{
	sg_autofree char *place = sg_format("%s/%s", folder, release);
	sg_autofree char *old = sg_format("%s/old", folder);

	if (!place || !old)
		return sg_error_set(err, -ENOMEM, "out of memory");
	sg_remove_tree(old);
	rename(place, old);
	if (rename(fresh, place) < 0)
		return sg_error_set(err, -errno, "cannot create %s: %m", place);
	sg_remove_tree(old);
	return point_to(folder, release, err);
}

static int unpack_fresh(struct deb_source *source, const struct sg_strv *packages,
			const char *manifest, const char *fresh, const struct sg_watch *watch,
			char **release, struct sg_error *err)
{
	sg_cleanup(sg_kernel_deinit) struct sg_kernel kernel = {0};
	sg_autofree char *root = sg_format("%s/root", fresh);
	sg_autofree char *list = sg_format("%s/manifest", fresh);
	int code = deb_unpack(source, packages, fresh, watch, err);

	if (!code)
		code = kernel_tree_relocate(root, err);
	if (!code)
		code = kernel_tree_find(root, &kernel, err);
	if (!code)
		code = sg_file_write(list, manifest, strlen(manifest), err);
	if (!code)
		*release = sg_steal(kernel.release);
	return code;
}

static int fetch_packages(struct deb_source *source, const struct sg_strv *packages,
			  const char *manifest, const char *folder,
			  const struct sg_watch *watch, struct sg_error *err)
{
	sg_autofree char *fresh = sg_format("%s/fresh", folder);
	sg_autofree char *release = NULL;
	int code;

	/* What is left from an interrupted attempt; the lock says nobody works on it. */
	sg_remove_tree(fresh);
	code = unpack_fresh(source, packages, manifest, fresh, watch, &release, err);
	if (!code)
		code = settle(folder, fresh, release, err);
	sg_remove_tree(fresh);
	return code;
}

static int bring_up_to_date(struct deb_source *source, const char *folder,
			    const struct sg_watch *watch, struct sg_error *err)
{
	sg_cleanup(sg_strv_deinit) struct sg_strv packages = {0};
	sg_autofree char *manifest = NULL;
	int code = deb_closure(source, root_packages, watch, &packages, err);

	if (!code)
		code = deb_manifest(source, &packages, watch, &manifest, err);
	if (code || manifest_matches(folder, manifest))
		return code;
	return fetch_packages(source, &packages, manifest, folder, watch, err);
}

static int lock_folder(const char *folder, struct sg_error *err)
{
	sg_autofree char *path = sg_format("%s/lock", folder);
	int fd, code = sg_mkdirs(folder, err);

	if (code)
		return code;
	fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644) : -1;
	if (fd < 0 || flock(fd, LOCK_EX) < 0)
		return sg_error_set(err, -errno, "cannot lock %s: %m", path);
	return fd;
}

/* The machine's package lists may be missing or too old: then try with fresh ones. */
static int fetch(const struct sg_kernel_line *line, const char *folder,
		 const struct sg_watch *watch, struct sg_error *err)
{
	sg_cleanup(deb_deinit) struct deb_source source = {0};
	sg_autoclose int lock = lock_folder(folder, err);
	sg_autofree char *cache = NULL;
	int code = lock < 0 ? lock : sg_cache_dir(&cache, err);

	if (!code)
		code = deb_open(line->suite, cache, watch, &source, err);
	if (code)
		return code;
	if (source.own) {
		code = bring_up_to_date(&source, folder, watch, err);
		if (!code || code == -EINTR)
			return code;
	}
	sg_watch_say(watch, "reading the package lists of %s", line->suite);
	code = deb_update(&source, watch, err);
	return code ? code : bring_up_to_date(&source, folder, watch, err);
}

int sg_kernel_fetch(const struct sg_kernel_line *line, const struct sg_watch *watch,
		    struct sg_kernel *ret, struct sg_error *err)
{
	sg_autofree char *folder = NULL;
	struct sg_error ignored;
	int code = line_folder(line, &folder, err);

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
