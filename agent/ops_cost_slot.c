// SPDX-License-Identifier: GPL-2.0-only
/*
 * ops_cost_slot.c - the same thing done to one slot again and again, with nobody in the way
 */
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ops.h"
#include "vfio.h"

#define NVME_SECONDS 60

static void put(const char *path, const char *text)
{
	int err = file_write(path, text);

	if (err)
		die("%s: %s", path, strerror(-err));
}

/* The slot's: without power controller the drive is there again at once. */
static void cycle_power(const struct slot *slot)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/bus/pci/slots/%u/power", slot->number);
	put(path, "0");
	put(path, "1");
}

static bool is_looked_at(void *arg)
{
	const struct slot *slot = arg;
	char pattern[96];
	glob_t found;
	bool done;

	snprintf(pattern, sizeof(pattern), "/sys/bus/pci/devices/%s/nvme/nvme*/nvme*n*",
		 slot->device);
	done = !glob(pattern, 0, NULL, &found);
	if (done)
		globfree(&found);
	return done;
}

/* And nvme has it again: it sets drives up by the way. */
static void cycle_nvme(const struct slot *slot)
{
	cycle_power(slot);
	if (!wait_for(NVME_SECONDS, is_looked_at, (void *)slot))
		die("slot %u: nvme has made no block device of its drive", slot->number);
}

static void reset(const struct slot *slot)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/reset", slot->device);
	put(path, "1");
}

static void open_and_close(const struct slot *slot)
{
	struct vfio vfio;
	int err = vfio_init(&vfio), device = -1;

	if (!err)
		device = vfio_open(&vfio, slot->device, NULL);
	if (err || device < 0)
		die("%s cannot be opened through vfio: %s", slot->device, strerror(-(err ? err : device)));
	close(device);
	vfio_deinit(&vfio);
}

static const struct {
	const char *name;
	void (*run)(const struct slot *slot);
} works[] = {
	{ "power", cycle_power },
	{ "nvme-power", cycle_nvme },
	{ "resets", reset },
	{ "opens", open_and_close },
};

void work_slot(const char *kind, unsigned int times, const struct slot *slot)
{
	for (size_t i = 0; i < sizeof(works) / sizeof(*works); i++) {
		if (strcmp(works[i].name, kind))
			continue;
		while (times--)
			works[i].run(slot);
		return;
	}
	die("there is no work \"%s\" with a slot", kind);
}
