// SPDX-License-Identifier: GPL-2.0-only
/*
 * actor_error.c - a port reports an error that did not happen, and the kernel recovers
 *
 * By the kernel's own aer_inject, where that module is loaded.  Only drives that
 * vfio-pci has: nvme hangs by itself, on any kernel, over an error that comes
 * while it sets up its drive, and so does whoever wants to unbind it.
 */
#include <string.h>
#include <unistd.h>

#include "actors.h"
#include "aer.h"

static void run(struct storm_task *task)
{
	bool fatal = !strcmp(storm_task_way(task), "fatal");

	storm_revive(task, 0);
	if (storm_bind(task, 0, "vfio-pci"))
		return;
	storm_begin(task, fatal ? "error fatal" : "error nonfatal", 0);
	storm_end(task, aer_inject(storm_task_slot(task, 0)->port, storm_task_way(task)));
}

static const char *lacks(const struct storm_config *config)
{
	if (access(AER_INJECTOR, W_OK))
		return "the module aer_inject is not loaded";
	return storm_vfio_lacks(config);
}

static const char *const ways[] = { "fatal", "nonfatal", NULL };

const struct storm_actor storm_actor_error = {
	.name = "error",
	.summary = "a port reports an error (where the module aer_inject is loaded)",
	.ways = ways,
	.span = 1,
	.alone = STORM_ALONE_SLOT | STORM_ALONE_DRIVER,
	.lacks = lacks,
	.weight = 1,
	.run = run,
};
