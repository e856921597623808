// SPDX-License-Identifier: GPL-2.0-only
/*
 * guard_block.c - what uses a block device
 *
 * Mounts and swap by name and number, md, lvm, dm and the like by the folder
 * holders/ and what is upon them in turn, processes by their open files.  What
 * leaves none of these traces, such as zfs or the second disk of a btrfs, has
 * the device for itself: then it cannot be opened exclusively.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "guard_internal.h"
#include "slotgate/cleanup.h"

#define LAYERS_MAX 16

/* Words 3 and 5 are number and place; the source follows " - TYPE". */
static void check_mount(struct guard *guard, const char *line, const char *name,
			const char *number)
{
	char dev[32], place[PATH_MAX], source[PATH_MAX] = "";
	const char *dash = strstr(line, " - ");

	if (sscanf(line, "%*s %*s %31s %*s %4095s", dev, place) != 2)
		return;
	if (dash)
		sscanf(dash, " - %*s %4095s", source);
	/* the number of a btrfs is its own */
	if (strcmp(dev, number) && (strncmp(source, "/dev/", 5) || strcmp(source + 5, name)))
		return;
	if (strcmp(place, "/"))
		sg_strv_add(guard->reasons, "%s is mounted on %s", name, place);
	else
		sg_strv_add(guard->reasons, "%s is the root device", name);
}

static void check_swap(struct guard *guard, const char *line, const char *name,
		       const char *number)
{
	char path[PATH_MAX];
	const char *slash;

	(void)number;
	if (sscanf(line, "%4095s", path) != 1)
		return;
	slash = strrchr(path, '/');
	if (slash && !strcmp(slash + 1, name))
		sg_strv_add(guard->reasons, "%s is used as swap", name);
}

static void each_line(struct guard *guard, const char *text, const char *name,
		      const char *number,
		      void (*check)(struct guard *, const char *, const char *, const char *))
{
	sg_autofree char *copy = strdup(text);
	char *save = NULL;

	if (!copy)
		guard->reasons->err = -ENOMEM;
	for (char *line = copy ? strtok_r(copy, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save))
		check(guard, line, name, number);
}

static void check_exclusive(struct guard *guard, const char *name)
{
	char path[PATH_MAX];
	struct stat st;
	int fd;

	snprintf(path, sizeof(path), "%s/dev/%s", guard->root, name);
	if (guard->standing || stat(path, &st) || !S_ISBLK(st.st_mode))
		return;
	fd = open(path, O_RDONLY | O_EXCL | O_CLOEXEC);
	if (fd >= 0)
		close(fd);
	else if (errno == EBUSY)
		sg_strv_add(guard->reasons, "%s is in exclusive use", name);
}

static void check_layer(struct guard *guard, const char *folder, int layer);

static void check_holders(struct guard *guard, const char *folder, const char *name, int layer)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/holders", folder);
	dir = opendir(path);
	while (dir && layer < LAYERS_MAX && (entry = readdir(dir))) {
		char label[128] = "", holder[PATH_MAX];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(holder, sizeof(holder), "%.3000s/%.255s", path, entry->d_name);
		file_read(label, sizeof(label), "%s/dm/name", holder);
		sg_strv_add(guard->reasons, "%s is part of %s%s%s%s", name, entry->d_name,
			    *label ? " (" : "", label, *label ? ")" : "");
		check_layer(guard, holder, layer + 1);
	}
	if (dir)
		closedir(dir);
}

static void check_layer(struct guard *guard, const char *folder, int layer)
{
	const char *slash = strrchr(folder, '/'), *name = slash ? slash + 1 : folder;
	char number[32], path[PATH_MAX];

	if (file_read(number, sizeof(number), "%s/dev", folder))
		return;
	snprintf(path, sizeof(path), "/dev/%s", name);
	each_line(guard, guard->mounts, name, number, check_mount);
	each_line(guard, guard->swaps, name, number, check_swap);
	guard_open(guard, name, path, number);
	check_holders(guard, folder, name, layer);
	check_exclusive(guard, name);
}

void guard_block(struct guard *guard, const char *folder)
{
	check_layer(guard, folder, 0);
}
