// SPDX-License-Identifier: GPL-2.0-only
/*
 * actor_yank.c - a drive is pulled without asking
 */
#include <errno.h>

#include "actors.h"
#include "slotctl.h"

#define PULL_MS 10000
#define POLL_MS 10

static void yank(struct storm_task *task, const struct slotctl *ctl)
{
	uint64_t until = clock_ms() + PULL_MS;

	storm_begin(task, "yank", 0);
	task->storm->config->host.pull(storm_task_slot(task, 0)->port, slotctl_register(ctl));
	while (!slotctl_empty(ctl) && clock_ms() < until)
		sleep_ms(POLL_MS);
	storm_end(task, slotctl_empty(ctl) ? 0 : -ETIMEDOUT);
}

static void run(struct storm_task *task)
{
	struct slotctl ctl;

	storm_revive(task, 0);
	if (slotctl_open(storm_task_slot(task, 0)->port, &ctl))
		return;
	yank(task, &ctl);
	storm_await(task, 0, false);
	slotctl_close(&ctl);
	sleep_ms(task->job->op.hold_ms);
	storm_revive(task, 0);
}

static const char *lacks(const struct storm_config *config)
{
	return config->host.pull ? NULL : "only the lab has hands to pull a drive";
}

static const char *const ways[] = { "surprise", NULL };

const struct storm_actor storm_actor_yank = {
	.name = "yank",
	.summary = "a drive is pulled without asking (in the lab)",
	.ways = ways,
	.span = 1,
	.alone = STORM_ALONE_SLOT,
	.lacks = lacks,
	.weight = 3,
	.run = run,
};
