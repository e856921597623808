// SPDX-License-Identifier: GPL-2.0-only
/*
 * actor_power.c - slots are switched off and on through their file `power`
 */
#include "actors.h"

static void off(struct storm_task *task, unsigned int index)
{
	storm_write(task, "off", index, "0", "/sys/bus/pci/slots/%s/power",
		    storm_task_slot(task, index)->name);
}

static void run(struct storm_task *task)
{
	unsigned int count = task->job->op.nslots;

	for (unsigned int i = 0; i < count; i++)
		storm_revive(task, i);
	for (unsigned int i = 0; i < count; i++)
		off(task, i);
	storm_sleep(task->job->op.hold_ms);
	for (unsigned int i = 0; i < count; i++)
		storm_revive(task, i);
}

static const char *const ways[] = { "off-on", NULL };

const struct storm_actor storm_actor_power = {
	.name = "power",
	.summary = "slots are switched off and on",
	.ways = ways,
	.span = 2,
	.alone = true,
	.weight = 6,
	.run = run,
};
