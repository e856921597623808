// SPDX-License-Identifier: GPL-2.0-only
/*
 * actor_port.c - the port above a slot is removed with all that is below, and found again
 *
 * Only the port of a nested slot: the bus above one is rescanned by a port, and
 * a root port has none.
 */
#include "actors.h"

static void run(struct storm_task *task)
{
	const struct storm_slot *slot = storm_task_slot(task, 0);

	if (!*slot->above)
		return;
	storm_write(task, "remove port", 0, "1", "/sys/bus/pci/devices/%s/remove", slot->port);
	storm_sleep(task->job->op.hold_ms);
	storm_write(task, "rescan port", 0, "1", "/sys/bus/pci/devices/%s/rescan", slot->above);
}

static const char *const ways[] = { "remove-rescan", NULL };

const struct storm_actor storm_actor_port = {
	.name = "port",
	.summary = "the port of a nested slot is removed and found again",
	.ways = ways,
	.span = 1,
	.alone = true,
	.weight = 1,
	.run = run,
};
