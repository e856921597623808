// SPDX-License-Identifier: GPL-2.0-only
/*
 * actor_port.c - the port above a slot is removed with all that is below, and found again
 *
 * Only the port of a nested slot: the bus above one is rescanned by a port, and
 * a root port has none.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actors.h"

/* ".../0000:00:03.0/0000:01:00.0/0000:02:01.0": the name before the last. */
static bool find_parent(const char *port, char *ret, size_t size)
{
	char link[PATH_MAX], path[PATH_MAX], *cut;

	snprintf(link, sizeof(link), "/sys/bus/pci/devices/%s", port);
	cut = realpath(link, path) ? strrchr(path, '/') : NULL;
	if (!cut)
		return false;
	*cut = '\0';
	cut = strrchr(path, '/');
	if (!cut || strlen(cut + 1) >= size || !strncmp(cut + 1, "pci", 3))
		return false;
	strcpy(ret, cut + 1);
	return true;
}

static void run(struct storm_task *task)
{
	const char *port = storm_task_slot(task, 0)->port;
	char parent[STORM_DEVICE];

	if (!find_parent(port, parent, sizeof(parent)))
		return;
	storm_write(task, "remove port", 0, "1", "/sys/bus/pci/devices/%s/remove", port);
	storm_sleep(task->job->op.hold_ms);
	storm_write(task, "rescan port", 0, "1", "/sys/bus/pci/devices/%s/rescan", parent);
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
