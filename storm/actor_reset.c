// SPDX-License-Identifier: GPL-2.0-only
/*
 * actor_reset.c - a device is reset by each method that it offers
 *
 * Kernels before 5.15 have no file reset_method: there only "default" does something.
 *
 * A drive that nvme is still looking at is left alone: nvme of 6.1 hangs there by
 * itself, for ever, with no slot involved.  The reset freezes the queues that there
 * are and in the end waits for all of them; one that was added meanwhile never is.  Or
 * the work that does the reset is still at the first look, with a command in a
 * queue that only that same work would start again.
 */
#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "actors.h"
#include "file.h"

#define NVME_MS 5000	/* to look at its drive */
#define POLL_MS 20

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

/*
 * Its block device is the last thing that nvme makes of a drive.  One without a
 * driver may be nvme's by the time that the reset is let in.
 */
static bool is_settled(const char *device)
{
	char driver[64], pattern[96];
	glob_t found;
	bool done;

	if (file_link(driver, sizeof(driver), "/sys/bus/pci/devices/%s/driver", device))
		return false;
	if (strcmp(driver, "nvme"))
		return true;
	snprintf(pattern, sizeof(pattern), "/sys/bus/pci/devices/%s/nvme/nvme*/nvme*n*", device);
	done = !glob(pattern, 0, NULL, &found);
	if (done)
		globfree(&found);
	return done;
}

static void run(struct storm_task *task)
{
	const char *device = storm_task_slot(task, 0)->device, *method = storm_task_way(task);
	uint64_t until = storm_ms() + NVME_MS;

	storm_revive(task, 0);
	while (!is_settled(device) && storm_ms() < until)
		storm_sleep(POLL_MS);
	if (!is_settled(device))
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
