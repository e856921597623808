// SPDX-License-Identifier: GPL-2.0-only
/*
 * health.c - the kernel's memory, and its log
 *
 * What counts as memory is what the kernel keeps for itself and cannot give
 * back: unreclaimable slabs, stacks, vmalloc and per-processor areas.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alarm.h"
#include "file.h"
#include "storm.h"

static const char *const counted[] = {
	"SUnreclaim:", "KernelStack:", "VmallocUsed:", "Percpu:", NULL
};

static long kernel_kib(void)
{
	char *text;
	long sum = 0;

	if (file_slurp("/proc/meminfo", &text, NULL))
		return 0;
	for (size_t i = 0; counted[i]; i++) {
		const char *at = strstr(text, counted[i]);

		sum += at ? strtol(at + strlen(counted[i]), NULL, 10) : 0;
	}
	free(text);
	return sum;
}

void storm_health_init(struct storm *storm)
{
	storm->first_kib = storm->last_kib = storm->most_kib = kernel_kib();
	storm->klog = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (storm->klog >= 0)
		lseek(storm->klog, 0, SEEK_END);
}

/* A record is "level,number,time,-;text" and one read; from 8 on a program wrote it. */
static void look_at_log(struct storm *storm)
{
	char record[2048];
	ssize_t len;

	while (storm->klog >= 0 && (len = read(storm->klog, record, sizeof(record) - 1)) > 0) {
		const char *text;

		record[len] = '\0';
		record[strcspn(record, "\n")] = '\0';
		text = strchr(record, ';');
		if (!text || atoi(record) >= 8 || !alarm_in(text) || storm->verdict != STORM_PASSED)
			continue;
		storm->verdict = STORM_WRONG;
		snprintf(storm->reason, sizeof(storm->reason), "the kernel complains: %.200s",
			 text + 1);
	}
}

/* One number rises and falls with what is under way; whether memory leaks, means tell. */
static void add_to_part(struct storm *storm)
{
	uint64_t all = storm->config->seconds * 1000ULL, at = clock_ms() - storm->start_ms;
	unsigned int part = at < all ? at * STORM_PARTS / all : STORM_PARTS;

	if (part == STORM_PARTS)
		return;
	storm->parts_kib[part].sum += storm->last_kib;
	storm->parts_kib[part].count++;
}

void storm_health_look(struct storm *storm)
{
	storm->last_kib = kernel_kib();
	if (storm->last_kib > storm->most_kib)
		storm->most_kib = storm->last_kib;
	add_to_part(storm);
	look_at_log(storm);
}

void storm_health_deinit(struct storm *storm)
{
	if (storm->klog >= 0)
		close(storm->klog);
	storm->klog = -1;
}
