// SPDX-License-Identifier: GPL-2.0-only
/*
 * actor_yank.c - a drive is pulled without asking
 *
 * See lib/slotctl.h: the slot's power is cut behind pciehp's back, which makes QEMU
 * eject what is in it.
 */
#include "actors.h"
#include "slotctl.h"

#define EJECT_MS 3000
#define POLL_MS 10

static void yank(struct storm_task *task, const struct slotctl *ctl)
{
	uint64_t until = clock_ms() + EJECT_MS;
	uint16_t was;

	storm_begin(task, "yank", 0);
	was = slotctl_cut(ctl);
	while (!slotctl_empty(ctl) && clock_ms() < until)
		sleep_ms(POLL_MS);
	storm_end(task, 0);
	sleep_ms(task->job->op.hold_ms / 4);
	storm_begin(task, "notice", 0);
	slotctl_restore(ctl, was);
	storm_end(task, 0);
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
	return config->host.can_eject ? NULL : "only the lab's slots let go of a drive unasked";
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
