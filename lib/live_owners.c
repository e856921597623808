// SPDX-License-Identifier: GPL-2.0-only
/*
 * live_owners.c - processes that have devices open through vfio
 *
 * Told by their open files: /dev/vfio/GROUP, /dev/vfio/devices/NAME, and the
 * device files themselves, which newer kernels name in fdinfo.  A process that
 * is being killed has no open files any more, though it may still be closing
 * them: it is told by its stack.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "live_internal.h"

#define GROUPS "/sys/kernel/iommu_groups"
#define BRIDGE "0x0604"		/* beginning of its class */

static bool has_string(struct json_object *list, const char *text)
{
	for (size_t i = 0; i < json_object_array_length(list); i++)
		if (!strcmp(json_object_get_string(json_object_array_get_idx(list, i)), text))
			return true;
	return false;
}

static void add_device(struct json_object *list, const char *name)
{
	if (!has_string(list, name))
		json_object_array_add(list, json_object_new_string(name));
}

/* All devices of an IOMMU group but bridges: which of them are open is not told. */
static void add_group(struct json_object *list, const char *group)
{
	char path[PATH_MAX], class[16];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), GROUPS "/%s/devices", group);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		if (!file_read(class, sizeof(class), "/sys/bus/pci/devices/%s/class",
			       entry->d_name) && !strncmp(class, BRIDGE, strlen(BRIDGE)))
			continue;
		add_device(list, entry->d_name);
	}
	if (dir)
		closedir(dir);
}

/* Newer kernels: "vfio-device-syspath: /sys/devices/pci0000:00/.../0000:02:00.0" */
static void add_named(struct json_object *list, const char *pid, const char *fd)
{
	static const char key[] = "vfio-device-syspath:";
	char path[300], *text, *at, *name;

	snprintf(path, sizeof(path), "/proc/%s/fdinfo/%s", pid, fd);
	if (file_slurp(path, &text, NULL))
		return;
	at = strstr(text, key);
	if (at) {
		at[strcspn(at, "\n")] = '\0';
		name = strrchr(at, '/');
		if (name)
			add_device(list, name + 1);
	}
	free(text);
}

/* An eventfd that was signalled and that nobody read since. */
static bool unread_event(const char *pid, const char *fd)
{
	static const char key[] = "eventfd-count:";
	char path[300], *text, *at;
	bool ret = false;

	snprintf(path, sizeof(path), "/proc/%s/fdinfo/%s", pid, fd);
	if (file_slurp(path, &text, NULL))
		return false;
	at = strstr(text, key);
	if (at)
		ret = strtoull(at + strlen(key), NULL, 16) > 0;
	free(text);
	return ret;
}

struct open_files {
	struct json_object *devices;
	bool vfio;
	unsigned int unread;
};

static void look_at(struct open_files *open, const char *pid, const char *fd)
{
	static const char group[] = "/dev/vfio/", cdev[] = "/dev/vfio/devices/";
	char link[300], target[PATH_MAX], device[64];
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/%s/fd/%s", pid, fd);
	len = readlink(link, target, sizeof(target) - 1);
	target[len > 0 ? len : 0] = '\0';
	if (!strncmp(target, cdev, strlen(cdev))) {
		open->vfio = true;
		if (!file_link(device, sizeof(device), "/sys/class/vfio-dev/%s/device",
			       target + strlen(cdev)))
			add_device(open->devices, device);
	} else if (!strncmp(target, group, strlen(group))) {
		open->vfio = true;
		add_group(open->devices, target + strlen(group) +
			  (strncmp(target + strlen(group), "noiommu-", 8) ? 0 : 8));
	} else if (strstr(target, "vfio-device")) {
		open->vfio = true;
		add_named(open->devices, pid, fd);
	} else if (strstr(target, "[eventfd]")) {
		open->unread += unread_event(pid, fd);
	}
}

static struct json_object *owner_json(const char *pid, const struct open_files *open)
{
	struct json_object *ret = json_object_new_object();
	char comm[32] = "?", id[40];

	file_read(comm, sizeof(comm), "/proc/%s/comm", pid);
	snprintf(id, sizeof(id), "\"%s\"", comm);
	live_string(ret, "id", id);
	json_object_object_add(ret, "pid", json_object_new_int(atoi(pid)));
	json_object_object_add(ret, "devices", json_object_get(open->devices));
	json_object_object_add(ret, "unread", json_object_new_int(open->unread));
	return ret;
}

static void look_into(struct json_object *list, const char *pid, unsigned int *hidden)
{
	struct open_files open = { .devices = json_object_new_array() };
	struct dirent *entry;
	char path[300];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	dir = opendir(path);
	*hidden += !dir && errno == EACCES;
	while (dir && (entry = readdir(dir)))
		if (isdigit((unsigned char)entry->d_name[0]))
			look_at(&open, pid, entry->d_name);
	if (dir)
		closedir(dir);
	if (open.vfio && json_object_array_length(open.devices))
		json_object_array_add(list, owner_json(pid, &open));
	json_object_put(open.devices);
}

struct json_object *live_owners(unsigned int *hidden)
{
	struct json_object *ret = json_object_new_array();
	DIR *dir = opendir("/proc");
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (isdigit((unsigned char)entry->d_name[0]))
			look_into(ret, entry->d_name, hidden);
	if (dir)
		closedir(dir);
	return ret;
}
