// SPDX-License-Identifier: GPL-2.0-only
/*
 * files.c - whole files, folders, and where the lab keeps things
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "slotgate/cleanup.h"
#include "slotgate/lab.h"
#include "slotgate/strv.h"

static int write_all(int fd, const char *data, size_t size)
{
	while (size) {
		ssize_t n = write(fd, data, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		size -= n;
	}
	return 0;
}

static int write_temporary(char *temporary, const void *data, size_t size)
{
	sg_autoclose int fd = mkostemp(temporary, O_CLOEXEC);
	int err;

	if (fd < 0)
		return -errno;
	err = write_all(fd, data, size);
	if (!err && fchmod(fd, 0644) < 0)
		err = -errno;
	if (err)
		unlink(temporary);
	return err;
}

int sg_file_write(const char *path, const void *data, size_t size, struct sg_error *err)
{
	sg_autofree char *temporary = sg_format("%s.XXXXXX", path);
	int ret;

	if (!temporary)
		return sg_error_set(err, -ENOMEM, "%s: out of memory", path);
	ret = write_temporary(temporary, data, size);
	if (!ret && rename(temporary, path) < 0) {
		ret = -errno;
		unlink(temporary);
	}
	if (ret)
		return sg_error_set(err, ret, "cannot write %s: %s", path, strerror(-ret));
	return 0;
}

int sg_file_read(const char *path, char **data, size_t *size)
{
	sg_autofclose FILE *file = fopen(path, "re");
	sg_autofree char *text = NULL;
	size_t room = 0, used = 0;

	if (!file)
		return -errno;
	do {
		if (room - used < 2) {
			char *more = realloc(text, room = room ? 2 * room : 4096);

			if (!more)
				return -ENOMEM;
			text = more;
		}
		used += fread(text + used, 1, room - used - 1, file);
	} while (!feof(file) && !ferror(file));
	if (ferror(file))
		return -errno;
	text[used] = '\0';
	*data = sg_steal(text);
	if (size)
		*size = used;
	return 0;
}

int sg_mkdirs(const char *path, struct sg_error *err)
{
	sg_autofree char *copy = strdup(path);

	if (!copy)
		return sg_error_set(err, -ENOMEM, "%s: out of memory", path);
	for (char *slash = copy + 1;; slash++) {
		char was = *slash;

		if (was && was != '/')
			continue;
		*slash = '\0';
		if (mkdir(copy, 0755) < 0 && errno != EEXIST)
			return sg_error_set(err, -errno, "cannot create %s: %m", copy);
		*slash = was;
		if (!was)
			return 0;
	}
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path) < 0 ? -errno : 0;
}

int sg_remove_tree(const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	return nftw(path, remove_one, 32, FTW_DEPTH | FTW_PHYS);
}

int sg_cache_dir(char **ret, struct sg_error *err)
{
	const char *own = getenv("SLOTGATE_CACHE"), *xdg = getenv("XDG_CACHE_HOME");
	const char *home = getenv("HOME");
	sg_autofree char *path = NULL;
	int code;

	if (own && *own)
		path = strdup(own);
	else if (xdg && *xdg)
		path = sg_format("%s/slotgate", xdg);
	else if (home && *home)
		path = sg_format("%s/.cache/slotgate", home);
	else
		return sg_error_set(err, -ENOENT, "no cache folder: neither SLOTGATE_CACHE nor HOME is set");
	if (!path)
		return sg_error_set(err, -ENOMEM, "out of memory");
	code = sg_mkdirs(path, err);
	if (!code)
		*ret = sg_steal(path);
	return code;
}

char *sg_own_file(const char *name)
{
	static const char installed[] = "/bin";
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	size_t folder, bin = strlen(installed);

	if (n < 0)
		return NULL;
	path[n] = '\0';
	folder = strrchr(path, '/') - path;
	if (folder >= bin && !strncmp(path + folder - bin, installed, bin))
		return sg_format("%.*s/lib/slotgate/%s", (int)(folder - bin), path, name);
	return sg_format("%.*s/%s", (int)folder, path, name);
}
