// SPDX-License-Identifier: GPL-2.0-only
/*
 * actor_yank.c - a drive is pulled without asking
 *
 * The slot's power is cut behind pciehp's back, which makes QEMU eject what is
 * in it; with the slot's interrupt back on, pciehp finds an event, power and no
 * drive.  See agent/ops_yank.c, where this was tried first.
 */
#include <errno.h>

#include "actors.h"
#include "slotctl.h"

#define EJECT_MS 3000
#define POLL_MS 10

static void yank(struct storm_task *task, const struct storm_port *port)
{
	uint64_t until = storm_ms() + EJECT_MS;
	int err;

	storm_begin(task, "yank", 0);
	err = storm_port_cut(port);
	while (!err && !storm_port_empty(port) && storm_ms() < until)
		storm_sleep(POLL_MS);
	storm_end(task, err);
	storm_sleep(task->job->op.hold_ms / 4);
	storm_begin(task, "notice", 0);
	storm_end(task, storm_port_restore(port));
}

static void run(struct storm_task *task)
{
	struct storm_port port;

	storm_revive(task, 0);
	if (storm_port_open(storm_task_slot(task, 0)->port, &port))
		return;
	yank(task, &port);
	storm_await(task, 0, false);
	storm_port_close(&port);
	storm_sleep(task->job->op.hold_ms);
	storm_revive(task, 0);
}

static const char *lacks(const struct storm_host *host)
{
	return host->can_eject ? NULL : "only the lab's slots let go of a drive unasked";
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
