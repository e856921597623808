// SPDX-License-Identifier: GPL-2.0-only
/*
 * actor_owner.c - a process owns up to four drives through vfio
 *
 * It is what SPDK or a virtual machine is to the kernel.  Asked for a drive, it
 * lets go at once or late; or it never does and is killed, and then closes all
 * its drives at once.  "pulled" and "pulled-killed" are what started it all: the
 * slots of all its drives are switched off meanwhile.
 */
#include <linux/vfio.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "actors.h"
#include "file.h"
#include "vfio.h"

struct drive {
	int device;		/* -1: closed */
	int event;
	uint64_t close_at;	/* 0: not asked for */
};

struct owner {
	struct storm_task *task;
	struct vfio vfio;
	struct drive drives[STORM_SPAN];
	bool lets_go;		/* when asked */
	unsigned int linger_ms;
};

/*
 * All are bound before one is opened: binding waits for whoever has the device, maybe for
 * another owner, and an owner that waits does not let go of what it has open.
 */
static void bind_all(struct owner *owner)
{
	for (unsigned int i = 0; i < owner->task->job->op.nslots; i++) {
		storm_revive(owner->task, i);
		storm_bind(owner->task, i, "vfio-pci");
	}
}

static void drive_open(struct owner *owner, unsigned int i)
{
	struct storm_task *task = owner->task;
	struct drive *drive = &owner->drives[i];

	storm_begin(task, "vfio open", i);
	drive->device = vfio_open(&owner->vfio, storm_task_slot(task, i)->device, NULL);
	storm_end(task, drive->device < 0 ? drive->device : 0);
	if (drive->device < 0)
		return;
	task->job->open |= 1u << i;
	drive->event = vfio_signal(drive->device, VFIO_PCI_REQ_IRQ_INDEX);
}

static void drive_close(struct owner *owner, unsigned int i)
{
	struct drive *drive = &owner->drives[i];

	if (drive->device < 0)
		return;
	storm_begin(owner->task, "vfio close", i);
	close(drive->device);
	storm_end(owner->task, 0);
	drive->device = -1;
	owner->task->job->open &= ~(1u << i);
}

static void reset_all(struct owner *owner, bool hot)
{
	for (unsigned int i = 0; i < owner->task->job->op.nslots; i++) {
		struct drive *drive = &owner->drives[i];

		if (drive->device < 0)
			continue;
		storm_begin(owner->task, hot ? "vfio hot reset" : "vfio reset", i);
		storm_end(owner->task, hot ? vfio_hot_reset(&owner->vfio, drive->device)
					   : vfio_reset(drive->device));
	}
}

static void close_due(struct owner *owner)
{
	for (unsigned int i = 0; i < owner->task->job->op.nslots; i++)
		if (owner->drives[i].close_at && owner->drives[i].close_at <= clock_ms())
			drive_close(owner, i);
}

/* Serve until @until; what was asked for and is not due yet stays open. */
static void serve(struct owner *owner, uint64_t until)
{
	unsigned int count = owner->task->job->op.nslots;
	struct pollfd fds[STORM_SPAN];

	while (clock_ms() < until) {
		for (unsigned int i = 0; i < count; i++)
			fds[i] = (struct pollfd){
				.fd = owner->drives[i].device < 0 || owner->drives[i].close_at
					      ? -1 : owner->drives[i].event,
				.events = POLLIN,
			};
		poll(fds, count, 50);
		for (unsigned int i = 0; i < count; i++)
			if (fds[i].revents && owner->lets_go)
				owner->drives[i].close_at = clock_ms() + owner->linger_ms + 1;
		close_due(owner);
	}
}

static bool is_killed(const char *way)
{
	return strstr(way, "killed");
}

static void finish(struct owner *owner, const char *way)
{
	if (is_killed(way)) {
		storm_begin(owner->task, "exit of a killed owner", 0);
		raise(SIGKILL);
	}
	for (unsigned int i = 0; i < owner->task->job->op.nslots; i++)
		drive_close(owner, i);
	/* on 5.10 a removal waits until the group is given back as well, and we for the removal */
	vfio_deinit(&owner->vfio);
	storm_off_wait(owner->task);
}

static void run(struct storm_task *task)
{
	struct owner owner = { .task = task };
	const struct storm_op *op = &task->job->op;
	const char *way = storm_task_way(task);

	owner.lets_go = !is_killed(way);
	owner.linger_ms = !strcmp(way, "late") || !strcmp(way, "pulled") ? op->linger_ms : 0;
	if (vfio_init(&owner.vfio))
		return;
	bind_all(&owner);
	for (unsigned int i = 0; i < op->nslots; i++)
		drive_open(&owner, i);
	if (!strcmp(way, "reset") || !strcmp(way, "hot-reset"))
		reset_all(&owner, !strcmp(way, "hot-reset"));
	if (!strncmp(way, "pulled", strlen("pulled")))
		storm_off_start(task);
	if (strcmp(way, "brief"))
		serve(&owner, clock_ms() + op->hold_ms + 2 * op->linger_ms);
	finish(&owner, way);
}

const char *storm_vfio_lacks(const struct storm_config *unused)
{
	(void)unused;
	if (!file_exists("/sys/bus/pci/drivers/vfio-pci") || !file_exists("/dev/vfio/vfio"))
		return "vfio-pci is not loaded (modprobe vfio-pci)";
	if (!file_exists("/sys/kernel/iommu_groups/0"))
		return "no IOMMU is switched on (kernel parameter intel_iommu=on)";
	return NULL;
}

static const char *const ways[] = {
	"brief", "hold", "late", "killed", "pulled", "pulled-killed", "pulled-killed", "reset",
	"hot-reset", NULL
};

const struct storm_actor storm_actor_owner = {
	.name = "owner",
	.summary = "a process owns drives through vfio, lets go at once, late, or is killed",
	.ways = ways,
	.span = STORM_SPAN,
	.lacks = storm_vfio_lacks,
	.weight = 8,
	.run = run,
};
