// SPDX-License-Identifier: GPL-2.0-only
/*
 * packages.c - a folder of the cache that holds unpacked packages, kept up to date
 *
 * FOLDER/NAME/root holds the unpacked packages, FOLDER/NAME/manifest names
 * them, and FOLDER/current leads to the NAME last fetched.  They are unpacked
 * beside their place, which is renamed at the end, so that what has the right
 * name is whole.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>

#include "deb.h"
#include "packages.h"
#include "slotgate/cleanup.h"

static bool manifest_matches(const char *folder, const char *manifest)
{
	sg_autofree char *path = sg_format("%s/current/manifest", folder);
	sg_autofree char *text = NULL;

	return path && !sg_file_read(path, &text, NULL) && !strcmp(text, manifest);
}

static int point_to(const char *folder, const char *name, struct sg_error *err)
{
	sg_autofree char *link = sg_format("%s/current", folder);
	sg_autofree char *temporary = sg_format("%s/current.new", folder);

	if (!link || !temporary)
		return sg_error_set(err, -ENOMEM, "out of memory");
	unlink(temporary);
	if (symlink(name, temporary) < 0 || rename(temporary, link) < 0)
		return sg_error_set(err, -errno, "cannot write %s: %m", link);
	return 0;
}

/* Move what was unpacked to its place; an older one of the same name gives way. */
static int move_in(const char *folder, const char *fresh, const char *name,
		   struct sg_error *err)
{
	sg_autofree char *place = sg_format("%s/%s", folder, name);
	sg_autofree char *old = sg_format("%s/old", folder);

	if (!place || !old)
		return sg_error_set(err, -ENOMEM, "out of memory");
	sg_remove_tree(old);
	rename(place, old);
	if (rename(fresh, place) < 0)
		return sg_error_set(err, -errno, "cannot create %s: %m", place);
	sg_remove_tree(old);
	return point_to(folder, name, err);
}

static int unpack_fresh(const struct packages *wanted, struct deb_source *source,
			const struct sg_strv *list, const char *fresh,
			const struct sg_watch *watch, char **name, struct sg_error *err)
{
	sg_autofree char *root = sg_format("%s/root", fresh);
	int code = deb_unpack(source, list, fresh, watch, err);

	return code ? code : wanted->settle(root, name, err);
}

static int fetch_list(const struct packages *wanted, struct deb_source *source,
		      const struct sg_strv *list, const char *manifest,
		      const struct sg_watch *watch, struct sg_error *err)
{
	sg_autofree char *fresh = sg_format("%s/fresh", wanted->folder);
	sg_autofree char *listed = sg_format("%s/manifest", fresh);
	sg_autofree char *name = NULL;
	int code;

	/* What is left from an interrupted attempt; the lock says nobody works on it. */
	sg_remove_tree(fresh);
	code = unpack_fresh(wanted, source, list, fresh, watch, &name, err);
	if (!code)
		code = sg_file_write(listed, manifest, strlen(manifest), err);
	if (!code)
		code = move_in(wanted->folder, fresh, name, err);
	sg_remove_tree(fresh);
	return code;
}

static int choose(const struct packages *wanted, struct deb_source *source,
		  const struct sg_watch *watch, struct sg_strv *list, struct sg_error *err)
{
	if (!wanted->exact)
		return deb_closure(source, wanted->roots, wanted->is_part, watch, list, err);
	return sg_strv_add_all(list, wanted->roots) ? sg_error_set(err, -ENOMEM, "out of memory") : 0;
}

static int bring_up_to_date(const struct packages *wanted, struct deb_source *source,
			    const struct sg_watch *watch, struct sg_error *err)
{
	sg_cleanup(sg_strv_deinit) struct sg_strv list = {0};
	sg_autofree char *manifest = NULL;
	int code = choose(wanted, source, watch, &list, err);

	if (!code)
		code = deb_manifest(source, &list, watch, &manifest, err);
	if (code || manifest_matches(wanted->folder, manifest))
		return code;
	return fetch_list(wanted, source, &list, manifest, watch, err);
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
int packages_fetch(const struct packages *wanted, const struct sg_watch *watch,
		   struct sg_error *err)
{
	sg_cleanup(deb_deinit) struct deb_source source = {0};
	sg_autoclose int lock = lock_folder(wanted->folder, err);
	sg_autofree char *cache = NULL;
	int code = lock < 0 ? lock : sg_cache_dir(&cache, err);

	if (!code)
		code = deb_open(wanted->suite, cache, watch, &source, err);
	if (code)
		return code;
	if (source.own) {
		code = bring_up_to_date(wanted, &source, watch, err);
		if (!code || code == -EINTR)
			return code;
	}
	sg_watch_say(watch, "reading the package lists of %s", wanted->suite);
	code = deb_update(&source, watch, err);
	return code ? code : bring_up_to_date(wanted, &source, watch, err);
}
