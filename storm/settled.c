// SPDX-License-Identifier: GPL-2.0-only
/*
 * settled.c - drives that nvme is still looking at
 *
 * nvme of 6.1 hangs over them by itself, for ever, with no slot involved, when they are
 * reset: the reset freezes the queues that there are and in the end waits for all of
 * them; one that was added meanwhile never is.  Or the work that does the reset is
 * still at the first look, with a command in a queue that only that same work would
 * start again.  Stock kernels hang, too, when such a drive is unbound and pulled meanwhile
 * (scenario nvme-pull).
 */
#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "file.h"
#include "storm.h"

#define NVME_MS 5000	/* to look at its drive */
#define POLL_MS 20

/*
 * Its block device is the last thing that nvme makes of a drive.  One without a
 * driver may be nvme's by the time that the kernel is asked.
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

bool storm_await_settled(struct storm_task *task, unsigned int index)
{
	const char *device = storm_task_slot(task, index)->device;
	uint64_t until = clock_ms() + NVME_MS;

	while (!is_settled(device)) {
		if (clock_ms() > until)
			return false;
		sleep_ms(POLL_MS);
	}
	return true;
}
