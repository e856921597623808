// SPDX-License-Identifier: GPL-2.0-only
/*
 * actor_bind.c - a device changes its driver, or is without one for a while
 */
#include <string.h>

#include "actors.h"

static void run(struct storm_task *task)
{
	const char *device = storm_task_slot(task, 0)->device;

	storm_revive(task, 0);
	if (!strcmp(storm_task_way(task), "vfio")) {
		storm_bind(task, 0, "vfio-pci");
		return;
	}
	storm_write(task, "override", 0, "\n", "/sys/bus/pci/devices/%s/driver_override", device);
	if (storm_await_settled(task, 0))
		storm_write(task, "unbind", 0, device,
			    "/sys/bus/pci/devices/%s/driver/unbind", device);
	sleep_ms(task->job->op.hold_ms);
	storm_write(task, "probe", 0, device, "/sys/bus/pci/drivers_probe");
}

static const char *const ways[] = { "vfio", "home", NULL };

const struct storm_actor storm_actor_bind = {
	.name = "bind",
	.summary = "a device changes between vfio-pci and its own driver",
	.ways = ways,
	.span = 1,
	.alone = STORM_ALONE_DRIVER,
	.lacks = storm_vfio_lacks,
	.weight = 3,
	.run = run,
};
