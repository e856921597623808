// SPDX-License-Identifier: GPL-2.0-only
/*
 * actor_power.c - slots are switched off at once, and on, through their file `power`
 */
#include "actors.h"

static void run(struct storm_task *task)
{
	unsigned int count = task->job->op.nslots;

	for (unsigned int i = 0; i < count; i++)
		storm_revive(task, i);
	storm_off_start(task);
	storm_off_wait(task);
	sleep_ms(task->job->op.hold_ms);
	for (unsigned int i = 0; i < count; i++)
		storm_revive(task, i);
}

static const char *const ways[] = { "off-on", NULL };

const struct storm_actor storm_actor_power = {
	.name = "power",
	.summary = "slots are switched off at once, and on",
	.ways = ways,
	.span = STORM_SPAN,
	.alone = STORM_ALONE_SLOT,
	.weight = 6,
	.run = run,
};
