// SPDX-License-Identifier: GPL-2.0-only
/*
 * guard.c - which slots a storm must not touch, and why
 *
 * The folder of a port in sysfs holds everything that is below it, however
 * deep: controllers, block devices and their partitions, network interfaces.
 * What is known by its class is looked at; NVMe with several paths keeps its
 * block devices elsewhere, in the folder of the subsystem.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "file.h"
#include "guard_internal.h"
#include "slotgate/cleanup.h"

#define DEPTH_MAX 32

#define SUBSYSTEMS "/sys/class/nvme-subsystem"

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void each_entry(struct guard *guard, const char *folder,
		       void (*take)(struct guard *guard, const char *path))
{
	DIR *dir = opendir(folder);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "%.3000s/%.255s", folder, entry->d_name);
		if (entry->d_name[0] != '.')
			take(guard, path);
	}
	if (dir)
		closedir(dir);
}

/* A disk's folder holds those of its partitions. */
static void take_partition(struct guard *guard, const char *path)
{
	if (file_exists("%s/partition", path))
		guard_block(guard, path);
}

static void take_disk(struct guard *guard, const char *path)
{
	struct stat st;

	if (lstat(path, &st) || !S_ISDIR(st.st_mode) || !file_exists("%s/holders", path))
		return;
	guard_block(guard, path);
	each_entry(guard, path, take_partition);
}

static void check_controller(struct guard *guard, const char *folder)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "%s" SUBSYSTEMS, guard->root);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "%s" SUBSYSTEMS "/%s", guard->root, entry->d_name);
		if (entry->d_name[0] != '.' && file_exists("%s/%s", path, last_part(folder)))
			each_entry(guard, path, take_disk);
	}
	if (dir)
		closedir(dir);
}

static void check_network(struct guard *guard, const char *folder)
{
	char state[32] = "not known";

	file_read(state, sizeof(state), "%s/operstate", folder);
	if (strcmp(state, "down"))
		sg_strv_add(guard->reasons, "network interface %s is not down, but %s",
			    last_part(folder), state);
}

static void check_display(struct guard *guard, const char *folder)
{
	sg_strv_add(guard->reasons, "%s is a display", last_part(folder));
}

static const struct {
	const char *class;
	void (*check)(struct guard *guard, const char *folder);
} classes[] = {
	{ "block", guard_block }, { "nvme", check_controller }, { "net", check_network },
	{ "drm", check_display }, { "graphics", check_display },
};

static void check_folder(struct guard *guard, const char *folder)
{
	char class[64];

	if (file_link(class, sizeof(class), "%s/subsystem", folder))
		return;
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (!strcmp(classes[i].class, class))
			classes[i].check(guard, folder);
}

/* A device that a program has through vfio is in use as well. */
static void check_vfio(struct guard *guard, const char *folder)
{
	char driver[64], group[64], path[96];

	if (file_link(driver, sizeof(driver), "%s/driver", folder) ||
	    strcmp(driver, "vfio-pci") ||
	    file_link(group, sizeof(group), "%s/iommu_group", folder))
		return;
	snprintf(path, sizeof(path), "/dev/vfio/%s", group);
	guard_open(guard, last_part(folder), path, NULL);
}

static int walk(struct guard *guard, const char *folder, int depth)
{
	struct dirent *entry;
	DIR *dir = opendir(folder);

	if (!dir)
		return depth ? 0 : -errno;
	check_folder(guard, folder);
	check_vfio(guard, folder);
	while (depth < DEPTH_MAX && (entry = readdir(dir))) {
		char path[PATH_MAX];
		struct stat st;

		snprintf(path, sizeof(path), "%.3800s/%.255s", folder, entry->d_name);
		if (entry->d_name[0] != '.' && !lstat(path, &st) && S_ISDIR(st.st_mode))
			walk(guard, path, depth + 1);
	}
	closedir(dir);
	return 0;
}

static int look(struct guard *guard, const struct storm_slot *slot)
{
	sg_autofree char *mounts = NULL, *swaps = NULL;
	const char *root = guard->root;
	char path[PATH_MAX], folder[PATH_MAX];
	int err;

	snprintf(path, sizeof(path), "%s/proc/self/mountinfo", root);
	err = file_slurp(path, &mounts, NULL);
	if (err)
		return err;
	/* a kernel without swap has no such file */
	snprintf(path, sizeof(path), "%s/proc/swaps", root);
	if (file_slurp(path, &swaps, NULL))
		swaps = strdup("");
	snprintf(path, sizeof(path), "%s/sys/bus/pci/devices/%s", root, slot->port);
	if (!swaps || !realpath(path, folder))
		return swaps ? -errno : -ENOMEM;
	guard->mounts = mounts;
	guard->swaps = swaps;
	err = walk(guard, folder, 0);
	return err ? err : guard->reasons->err;
}

int storm_guard(const char *root, const struct storm_slot *slot, struct sg_strv *reasons)
{
	struct guard guard = { .root = root, .reasons = reasons };

	return look(&guard, slot);
}

int storm_guard_standing(const char *root, const struct storm_slot *slot,
			 struct sg_strv *reasons)
{
	struct guard guard = { .root = root, .reasons = reasons, .standing = true };

	return look(&guard, slot);
}
