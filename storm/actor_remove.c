// SPDX-License-Identifier: GPL-2.0-only
/*
 * actor_remove.c - a device is removed by its file `remove`, and found again by a rescan
 */
#include <string.h>

#include "actors.h"

static void run(struct storm_task *task)
{
	const struct storm_slot *slot = storm_task_slot(task, 0);

	storm_revive(task, 0);
	storm_write(task, "remove", 0, "1", "/sys/bus/pci/devices/%s/remove", slot->device);
	sleep_ms(task->job->op.hold_ms);
	if (!strcmp(storm_task_way(task), "rescan-all"))
		storm_write(task, "rescan all", 0, "1", "/sys/bus/pci/rescan");
	else
		storm_write(task, "rescan", 0, "1", "/sys/bus/pci/devices/%s/rescan", slot->port);
}

static const char *const ways[] = { "rescan-port", "rescan-all", NULL };

const struct storm_actor storm_actor_remove = {
	.name = "remove",
	.summary = "a device is removed and found again by a rescan",
	.ways = ways,
	.span = 1,
	.weight = 3,
	.run = run,
};
