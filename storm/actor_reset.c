// SPDX-License-Identifier: GPL-2.0-only
/*
 * actor_reset.c - a device is reset by each method that it offers
 *
 * Kernels before 5.15 have no file reset_method: there only "default" does something.
 *
 * A drive that nvme is still looking at is left alone, see settled.c.
 */
#include <string.h>

#include "actors.h"

/* The name of a call outlives its process: no text that is put together. */
static const struct {
	const char *method;
	const char *kind;
} kinds[] = {
	{ "default", "reset" },		{ "flr", "reset flr" },
	{ "af_flr", "reset af_flr" },	{ "pm", "reset pm" },
	{ "bus", "reset bus" },		{ "cxl_bus", "reset cxl_bus" },
};

static const char *kind(const char *method)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kinds[i].method, method))
			return kinds[i].kind;
	return kinds[0].kind;
}

static void run(struct storm_task *task)
{
	const char *device = storm_task_slot(task, 0)->device, *method = storm_task_way(task);

	storm_revive(task, 0);
	if (!storm_await_settled(task, 0))
		return;
	if (strcmp(method, "default") &&
	    storm_write(task, "reset_method", 0, method, "/sys/bus/pci/devices/%s/reset_method",
			device))
		return;
	storm_write(task, kind(method), 0, "1", "/sys/bus/pci/devices/%s/reset", device);
	storm_write(task, "reset_method", 0, "default", "/sys/bus/pci/devices/%s/reset_method",
		    device);
}

static const char *const ways[] = { "default", "flr", "pm", "bus", "af_flr", NULL };

const struct storm_actor storm_actor_reset = {
	.name = "reset",
	.summary = "a device is reset, by each method it offers",
	.ways = ways,
	.span = 1,
	.alone = STORM_ALONE_DRIVER,
	.weight = 5,
	.run = run,
};
