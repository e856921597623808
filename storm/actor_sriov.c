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
	storm_sleep(task->job->op.hold_ms);
	storm_write(task, "sriov off", 0, "0", "/sys/bus/pci/devices/%s/sriov_numvfs", device);
}

static const char *const ways[] = { "on-off", NULL };

const struct storm_actor storm_actor_sriov = {
	.name = "sriov",
	.summary = "virtual functions are switched on and off",
	.ways = ways,
	.span = 1,
	.weight = 2,
	.run = run,
};
