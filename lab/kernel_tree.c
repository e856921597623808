// SPDX-License-Identifier: GPL-2.0-only
/*
 * kernel_tree.c - what unpacked kernel packages consist of
 *
 * Debian's headers are made to be installed: a Makefile includes
 * /usr/src/linux-headers-...-common/Makefile and links may point to
 * /usr/lib.  kernel_tree_relocate() makes them relative, so that modules can
 * be built against headers that were only unpacked.
 */
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "kernel_tree.h"
#include "slotgate/cleanup.h"
#include "slotgate/strv.h"

/* Older packages use /lib and /boot, newer ones keep it all below /usr. */
static const char *const image_patterns[] = {
	"/boot/vmlinuz-*", "/usr/lib/modules/*/vmlinuz", NULL
};
static const char *const module_patterns[] = {
	"/lib/modules/*/kernel", "/usr/lib/modules/*/kernel", NULL
};
static const char *const header_patterns[] = {
	"/usr/src/linux-headers-*/.config", "/usr/src/linux-headers-*/include/config/auto.conf",
	NULL
};

static char *find_one(const char *const *patterns, const char *root)
{
	char *found = NULL;

	for (; *patterns && !found; patterns++) {
		sg_autofree char *pattern = sg_format("%s%s", root, *patterns);
		glob_t list;

		if (!pattern || glob(pattern, 0, NULL, &list))
			continue;
		found = strdup(list.gl_pathv[0]);
		globfree(&list);
	}
	return found;
}

static void cut(char *path, const char *tail)
{
	char *at = path ? strstr(path, tail) : NULL;

	if (at)
		*at = '\0';
}

int kernel_tree_find(const char *root, struct sg_kernel *ret, struct sg_error *err)
{
	int code;

	ret->image = find_one(image_patterns, root);
	ret->modules = find_one(module_patterns, root);
	ret->headers = find_one(header_patterns, root);
	if (!ret->image || !ret->modules)
		return sg_error_set(err, -ENOENT, "%s holds no kernel with modules", root);
	ret->modules[strlen(ret->modules) - strlen("/kernel")] = '\0';
	cut(ret->headers, "/.config");
	cut(ret->headers, "/include/config/");
	code = sg_bzimage_check(ret->image, &ret->release);
	if (code)
		return sg_error_set(err, code, "%s: %s", ret->image, strerror(-code));
	return 0;
}

static int relocate_makefile(const char *path, struct sg_error *err)
{
	static const char from[] = "include /usr/src/";
	sg_autofree char *text = NULL, *changed = NULL;
	char *at;

	if (sg_file_read(path, &text, NULL))
		return 0;
	at = strstr(text, from);
	if (!at)
		return 0;
	changed = sg_format("%.*sinclude ../%s", (int)(at - text), text, at + strlen(from));
	if (!changed)
		return sg_error_set(err, -ENOMEM, "%s: out of memory", path);
	return sg_file_write(path, changed, strlen(changed), err);
}

/* Every link concerned lies at usr/src/PACKAGE/NAME, three folders below the root. */
static int relocate_link(const char *path, struct sg_error *err)
{
	char target[PATH_MAX - 16];
	ssize_t n = readlink(path, target, sizeof(target) - 1);
	sg_autofree char *relative = NULL;

	if (n < 0 || target[0] != '/')
		return 0;
	target[n] = '\0';
	relative = sg_format("../../..%s", target);
	if (!relative || unlink(path) < 0 || symlink(relative, path) < 0)
		return sg_error_set(err, -errno, "cannot change link %s: %m", path);
	return 0;
}

static int for_each(const char *root, const char *tail,
		    int (*act)(const char *path, struct sg_error *err), struct sg_error *err)
{
	sg_autofree char *pattern = sg_format("%s%s", root, tail);
	glob_t list;
	int code = 0;

	if (!pattern)
		return sg_error_set(err, -ENOMEM, "out of memory");
	if (glob(pattern, 0, NULL, &list))
		return 0;
	for (size_t i = 0; i < list.gl_pathc && !code; i++)
		code = act(list.gl_pathv[i], err);
	globfree(&list);
	return code;
}

int kernel_tree_relocate(const char *root, struct sg_error *err)
{
	int code = for_each(root, "/usr/src/linux-headers-*/Makefile", relocate_makefile, err);

	return code ? code : for_each(root, "/usr/src/linux-headers-*/*", relocate_link, err);
}
