// SPDX-License-Identifier: GPL-2.0-only
/*
 * job.c - what actors do to slots and devices, measured call by call
 */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "file.h"
#include "storm.h"

#define POLL_MS 20
#define GONE_MS 10000
#define BACK_MS 10000

const struct storm_slot *storm_task_slot(const struct storm_task *task, unsigned int index)
{
	return &task->storm->config->slots[task->job->op.slots[index]];
}

const char *storm_task_way(const struct storm_task *task)
{
	return task->job->op.actor->ways[task->job->op.way];
}

void storm_begin(struct storm_task *task, const char *kind, unsigned int index)
{
	task->job->step_slot = task->job->op.slots[index];
	task->job->step_since = clock_ms();
	task->job->step = kind;
}

/* Children of a job may add theirs at the same time. */
static void add_sample(struct storm_job *job, struct storm_sample sample)
{
	unsigned int at = __atomic_fetch_add(&job->nsamples, 1, __ATOMIC_RELAXED);

	if (at < STORM_SAMPLES)
		job->samples[at] = sample;
}

int storm_end(struct storm_task *task, int err)
{
	struct storm_job *job = task->job;

	add_sample(job, (struct storm_sample){
		.kind = job->step, .slot = job->step_slot, .err = err,
		.ms = clock_ms() - job->step_since,
	});
	job->step = NULL;
	return err;
}

int storm_write(struct storm_task *task, const char *kind, unsigned int index, const char *text,
		const char *fmt, ...)
{
	char path[PATH_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	storm_begin(task, kind, index);
	return storm_end(task, file_write(path, text));
}

bool storm_await(struct storm_task *task, unsigned int index, bool present)
{
	const struct storm_slot *slot = storm_task_slot(task, index);
	uint64_t until = clock_ms() + (present ? BACK_MS : GONE_MS);

	while (storm_slot_present(slot) != present) {
		if (clock_ms() > until)
			return false;
		sleep_ms(POLL_MS);
	}
	return true;
}

/* What an owner has open must be closed when it dies, not when we do. */
static void close_inherited(int but)
{
	unsigned int first = STDERR_FILENO + 1;

	if (but > STDERR_FILENO) {
		if ((unsigned int)but > first)
			close_range(first, but - 1, 0);
		first = but + 1;
	}
	close_range(first, ~0U, 0);
}

static void off(struct storm_task *task, unsigned int index)
{
	uint64_t since = clock_ms();
	char path[PATH_MAX];
	int err;

	close_inherited(task->storm->config->lock_fd);
	snprintf(path, sizeof(path), "/sys/bus/pci/slots/%s/power",
		 storm_task_slot(task, index)->name);
	err = file_write(path, "0");
	add_sample(task->job, (struct storm_sample){
		.kind = "off", .slot = task->job->op.slots[index], .err = err,
		.ms = clock_ms() - since,
	});
}

/* A slot without a power switch has no such file. */
void storm_off_start(struct storm_task *task)
{
	for (unsigned int i = 0; i < task->job->op.nslots; i++)
		if (file_exists("/sys/bus/pci/slots/%s/power", storm_task_slot(task, i)->name) &&
		    fork() == 0) {
			off(task, i);
			_exit(0);
		}
}

void storm_off_wait(struct storm_task *task)
{
	storm_begin(task, "off", 0);
	while (wait(NULL) > 0)
		;
	task->job->step = NULL;
}

/* It may only have been removed, or lack power, or be out of the machine. */
void storm_revive(struct storm_task *task, unsigned int index)
{
	const struct storm_slot *slot = storm_task_slot(task, index);

	if (storm_slot_present(slot))
		return;
	if (!file_exists("/sys/bus/pci/devices/%s", slot->port))
		storm_write(task, "rescan port", index, "1", "/sys/bus/pci/devices/%s/rescan",
			    *slot->above && file_exists("/sys/bus/pci/devices/%s", slot->above) ? slot->above :
										  slot->top);
	storm_write(task, "rescan", index, "1", "/sys/bus/pci/devices/%s/rescan", slot->port);
	if (storm_slot_present(slot))
		return;
	if (task->storm->config->host.plug)
		task->storm->config->host.plug(slot->name);
	else if (file_exists("/sys/bus/pci/slots/%s/power", slot->name))
		storm_write(task, "on", index, "1", "/sys/bus/pci/slots/%s/power", slot->name);
	storm_await(task, index, true);
}

static bool is_bound(const char *device, const char *driver)
{
	char now[64];

	return !file_link(now, sizeof(now), "/sys/bus/pci/devices/%s/driver", device) &&
	       (!driver || !strcmp(now, driver));
}

int storm_bind(struct storm_task *task, unsigned int index, const char *driver)
{
	const char *device = storm_task_slot(task, index)->device;

	if (is_bound(device, driver))
		return 0;
	storm_write(task, "override", index, driver ? driver : "\n",
		    "/sys/bus/pci/devices/%s/driver_override", device);
	/* whoever probed has given back the device lock, which the override takes */
	if (is_bound(device, NULL) && storm_await_settled(task, index))
		storm_write(task, "unbind", index, device,
			    "/sys/bus/pci/devices/%s/driver/unbind", device);
	storm_write(task, "probe", index, device, "/sys/bus/pci/drivers_probe");
	return is_bound(device, driver) ? 0 : -ENODEV;
}
