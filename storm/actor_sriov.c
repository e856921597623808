// SPDX-License-Identifier: GPL-2.0-only
/*
 * actor_sriov.c - virtual functions are switched on and off
 */

#include "actors.h"
#include "file.h"

static void run(struct storm_task *task)
{
	const char *device = storm_task_slot(task, 0)->device;
	char total[16];

	storm_revive(task, 0);
	if (file_read(total, sizeof(total), "/sys/bus/pci/devices/%s/sriov_totalvfs", device))
		return;
	if (storm_write(task, "sriov on", 0, total, "/sys/bus/pci/devices/%s/sriov_numvfs", device))
		return;
	sleep_ms(task->job->op.hold_ms);
	storm_write(task, "sriov off", 0, "0", "/sys/bus/pci/devices/%s/sriov_numvfs", device);
}

/* A drive that is away just now may have some. */
static const char *lacks(const struct storm_config *config)
{
	for (unsigned int i = 0; i < config->nslots; i++)
		if (!storm_slot_present(&config->slots[i]) ||
		    file_exists("/sys/bus/pci/devices/%s/sriov_totalvfs", config->slots[i].device))
			return NULL;
	return "no device has virtual functions";
}

static const char *const ways[] = { "on-off", NULL };

const struct storm_actor storm_actor_sriov = {
	.name = "sriov",
	.summary = "virtual functions are switched on and off",
	.ways = ways,
	.span = 1,
	.lacks = lacks,
	.weight = 2,
	.run = run,
};
