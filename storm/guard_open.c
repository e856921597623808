// SPDX-License-Identifier: GPL-2.0-only
/*
 * guard_open.c - which processes have a device open
 */
#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "file.h"
#include "guard_internal.h"

/* By number as well: a device may have several names. */
static bool leads_to(const char *link, const char *path, const char *number)
{
	char target[PATH_MAX], is[32];
	ssize_t len = readlink(link, target, sizeof(target) - 1);
	struct stat st;

	target[len > 0 ? len : 0] = '\0';
	if (!strcmp(target, path))
		return true;
	if (!number || stat(link, &st) || !S_ISBLK(st.st_mode))
		return false;
	snprintf(is, sizeof(is), "%u:%u", major(st.st_rdev), minor(st.st_rdev));
	return !strcmp(is, number);
}

static bool process_has(const char *fds, const char *path, const char *number)
{
	DIR *dir = opendir(fds);
	struct dirent *entry;
	bool found = false;

	while (dir && !found && (entry = readdir(dir))) {
		char link[PATH_MAX];

		snprintf(link, sizeof(link), "%.3000s/%.255s", fds, entry->d_name);
		found = entry->d_name[0] != '.' && leads_to(link, path, number);
	}
	if (dir)
		closedir(dir);
	return found;
}

void guard_open(struct guard *guard, const char *what, const char *path, const char *number)
{
	char folder[PATH_MAX], comm[64];
	struct dirent *entry;
	DIR *dir;

	if (guard->standing)
		return;
	snprintf(folder, sizeof(folder), "%s/proc", guard->root);
	dir = opendir(folder);
	while (dir && (entry = readdir(dir))) {
		snprintf(folder, sizeof(folder), "%s/proc/%s/fd", guard->root, entry->d_name);
		if (!isdigit((unsigned char)entry->d_name[0]) ||
		    !process_has(folder, path, number))
			continue;
		if (file_read(comm, sizeof(comm), "%s/proc/%s/comm", guard->root, entry->d_name))
			strcpy(comm, "?");
		sg_strv_add(guard->reasons, "%s is open in process %s (%s)", what, entry->d_name,
			    comm);
	}
	if (dir)
		closedir(dir);
}
