// SPDX-License-Identifier: GPL-2.0-only
/*
 * actor_port.c - the port above a slot is removed with all that is below, and found again
 *
 * Only above a nested slot: its own port, or the whole switch with all of its
 * slots, each of which is handling events of its own.  A root port stays: the
 * bus that it is on is nobody's to rescan.
 */
#include <string.h>

#include "actors.h"

static void run(struct storm_task *task)
{
	const struct storm_slot *slot = storm_task_slot(task, 0);
	bool all = !strcmp(storm_task_way(task), "switch");

	/* on a real machine only slots are touched that were named */
	if (!*slot->above || (all && task->storm->config->journal))
		return;
	storm_write(task, all ? "remove switch" : "remove port", 0, "1",
		    "/sys/bus/pci/devices/%s/remove", all ? slot->above : slot->port);
	sleep_ms(task->job->op.hold_ms);
	storm_write(task, all ? "rescan switch" : "rescan port", 0, "1",
		    "/sys/bus/pci/devices/%s/rescan", all ? slot->top : slot->above);
}

static const char *lacks(const struct storm_config *config)
{
	for (unsigned int i = 0; i < config->nslots; i++)
		if (*config->slots[i].above)
			return NULL;
	return "no slot is below another one";
}

static const char *const ways[] = { "remove-rescan", "switch", NULL };

const struct storm_actor storm_actor_port = {
	.name = "port",
	.summary = "the port of a nested slot, or (in the lab) its switch, is removed and found again",
	.ways = ways,
	.span = 1,
	.alone = STORM_ALONE_SLOT,
	.lacks = lacks,
	.weight = 1,
	.run = run,
};
