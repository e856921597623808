// SPDX-License-Identifier: GPL-2.0-only
/*
 * actor_button.c - the attention button of a slot is pressed: its drive goes after 5 s
 */
#include "actors.h"

#define BLINK_MS 5000

static void run(struct storm_task *task)
{
	storm_revive(task, 0);
	task->storm->config->host.unplug(storm_task_slot(task, 0)->name);
	sleep_ms(BLINK_MS);
	storm_await(task, 0, false);
	sleep_ms(task->job->op.hold_ms);
	storm_revive(task, 0);
}

static const char *lacks(const struct storm_config *config)
{
	return config->host.unplug ? NULL : "only the lab can press a button from outside";
}

static const char *const ways[] = { "press", NULL };

const struct storm_actor storm_actor_button = {
	.name = "button",
	.summary = "a slot's attention button is pressed (in the lab)",
	.ways = ways,
	.span = 1,
	.alone = STORM_ALONE_SLOT,
	.lacks = lacks,
	.weight = 1,
	.run = run,
};
