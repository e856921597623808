// SPDX-License-Identifier: GPL-2.0-only
/*
 * modules.c - loading modules, and slotgate's counters
 *
 * /sg/modules has one line "NAME: file file..." per group, in load order.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent.h"

#define LIST "/sg/modules"
#define COUNTERS "/sys/kernel/slotgate"
#define COMPRESSED 4		/* MODULE_INIT_COMPRESSED_FILE */

int module_insert(const char *path, const char *settings)
{
	const char *dot = strrchr(path, '.');
	int flags = dot && strcmp(dot, ".ko") ? COMPRESSED : 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (syscall(SYS_finit_module, fd, settings, flags) && errno != EEXIST)
		err = -errno;
	close(fd);
	return err;
}

/* @files: names relative to /sg unless they begin with a slash */
static void load_files(char *files, const char *settings)
{
	char *save = NULL, *file, path[512];
	int err;

	for (file = strtok_r(files, " \t", &save); file; file = strtok_r(NULL, " \t", &save)) {
		snprintf(path, sizeof(path), "%s%s", *file == '/' ? "" : "/sg/", file);
		err = module_insert(path, settings);
		if (err)
			die("%s: %s", path, strerror(-err));
	}
}

/* @group: NULL for all */
static int load(const char *group, const char *settings)
{
	char *text, *line, *save = NULL, *colon;
	int err = file_slurp(LIST, &text, NULL);
	bool found = false;

	if (err)
		return err;
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		colon = strchr(line, ':');
		if (!colon)
			continue;
		*colon = '\0';
		if (group && strcmp(line, group))
			continue;
		found = true;
		load_files(colon + 1, settings);
	}
	free(text);
	return found || !group ? 0 : -ENOENT;
}

int modules_load(const char *group)
{
	return load(group, "");
}

int modules_load_with(const char *group, const char *settings)
{
	return load(group, settings);
}

int modules_load_all(void)
{
	return load(NULL, "");
}

/* Whatever counters there are: one integer per file. */
static struct json_object *folder_counters(const char *path)
{
	struct json_object *ret = json_object_new_object();
	DIR *dir = opendir(path);
	struct dirent *entry;
	char value[64];

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' ||
		    file_read(value, sizeof(value), "%s/%s", path, entry->d_name))
			continue;
		json_object_object_add(ret, entry->d_name,
				       json_object_new_int64(strtoll(value, NULL, 10)));
	}
	if (dir)
		closedir(dir);
	return ret;
}

static struct json_object *slot_counters(void)
{
	struct json_object *ret = json_object_new_object();
	DIR *dir = opendir(COUNTERS "/slots");
	struct dirent *entry;
	char path[512];

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), COUNTERS "/slots/%s", entry->d_name);
		json_object_object_add(ret, entry->d_name, folder_counters(path));
	}
	if (dir)
		closedir(dir);
	return ret;
}

void report_counters(void)
{
	struct json_object *rec;

	if (!file_exists(COUNTERS))
		return;
	rec = record("counters");
	json_object_object_add(rec, "slots", slot_counters());
	json_object_object_add(rec, "topology", folder_counters(COUNTERS "/topology"));
	report(rec);
}

long slot_counter(unsigned int slot, const char *name)
{
	char value[64];

	if (file_read(value, sizeof(value), COUNTERS "/slots/%u/%s", slot, name))
		return -1;
	return strtol(value, NULL, 10);
}
