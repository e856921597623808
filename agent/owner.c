// SPDX-License-Identifier: GPL-2.0-only
/*
 * owner.c - a process that has drives open through vfio
 *
 * It is what SPDK or a virtual machine is to the kernel: it opens group,
 * container and device, and hands the kernel an eventfd by which it is asked
 * for a drive back.  Drives are opened in the plan's order, because the order
 * in which an exiting process closes them depends on it.
 */
#include <errno.h>
#include <linux/vfio.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "agent.h"
#include "vfio.h"

/* What only the owner itself knows of one of its drives. */
struct drive {
	int device;		/* -1: closed */
	int event;		/* the kernel asks for the drive through it */
	uint64_t close_at;	/* clock_ms(); 0: nobody asked, or never */
};

struct work {
	struct owner *owner;
	struct drive drives[SLOTS_MAX];
	struct vfio vfio;
	int signals;
};

/* Shared with PID 1, which reads how far the owner is. */
struct owner *owner_create(const char *id)
{
	struct owner *owner = mmap(NULL, sizeof(*owner), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (owner == MAP_FAILED)
		die("no memory for owner %s", id);
	snprintf(owner->id, sizeof(owner->id), "%s", id);
	return owner;
}

unsigned int owner_asked(const struct owner *owner)
{
	unsigned int asked = 0;

	for (unsigned int i = 0; i < owner->count; i++)
		asked += owner->asked[i];
	return asked;
}

static void noreturn failed(const struct work *work, unsigned int i, const char *what)
{
	report_note("owner %s: %s: %s: %s", work->owner->id, work->owner->devices[i], what,
		    strerror(errno));
	_exit(1);
}

/* Where the mark is kept, in the file of a device; 0: nowhere. */
static uint64_t mark_offset(int device)
{
	struct vfio_region_info bar = {
		.argsz = sizeof(bar), .index = VFIO_PCI_BAR0_REGION_INDEX,
	};

	return ioctl(device, VFIO_DEVICE_GET_REGION_INFO, &bar) ? 0 : bar.offset + MARK_OFFSET;
}

static int find_mark(int device, uint32_t *ret)
{
	uint64_t offset = mark_offset(device);

	return offset && pread(device, ret, sizeof(*ret), offset) == sizeof(*ret) ? 0 : -1;
}

/* Leave something in the device that only a reset removes. */
static int leave_mark(int device, uint32_t mark)
{
	uint64_t offset = mark_offset(device);
	uint32_t seen = 0;

	if (!offset || pwrite(device, &mark, sizeof(mark), offset) != sizeof(mark) ||
	    find_mark(device, &seen))
		return -1;
	errno = EIO;
	return seen == mark ? 0 : -1;
}

/*
 * vfio opens a virtual function that it made itself only to who knows the token
 * that the physical function was opened with.  Any will do.
 */
#define TOKEN "vf_token=5107a7e0-0000-4000-8000-000000000001"

static int check(const struct work *work, unsigned int i, const char *what, int ret)
{
	errno = ret < 0 ? -ret : 0;
	if (ret < 0)
		failed(work, i, what);
	return ret;
}

static void drive_open(struct work *work, unsigned int i)
{
	const struct owner *owner = work->owner;
	struct drive *drive = &work->drives[i];

	drive->device = check(work, i, "open", vfio_open(&work->vfio, owner->devices[i],
							 owner->friends ? TOKEN : NULL));
	work->owner->files[i] = drive->device;
	drive->event = check(work, i, "request event",
			     vfio_signal(drive->device, VFIO_PCI_REQ_IRQ_INDEX));
	if (work->owner->clean) {
		uint32_t found;

		if (find_mark(drive->device, &found))
			failed(work, i, "look for a mark");
		work->owner->found[i] = found;
	}
	if (work->owner->mark && leave_mark(drive->device, work->owner->mark))
		failed(work, i, "mark");
}

static void drive_close(struct work *work, unsigned int i)
{
	struct drive *drive = &work->drives[i];

	if (drive->device < 0)
		return;
	drive->close_at = 0;
	close(drive->device);
	drive->device = -1;
	work->owner->closed[i] = true;
	report_note("owner %s closed slot %u", work->owner->id, work->owner->slots[i]);
}

/* What an owner might want to know of its drive; the kernel must let it. */
static void read_file(const struct owner *owner, unsigned int i)
{
	char text[64];
	int err = file_read(text, sizeof(text), "/sys/bus/pci/devices/%s/%s", owner->devices[i],
			    owner->reads);

	report_note("owner %s: %s of slot %u is %s", owner->id, owner->reads, owner->slots[i],
		    err ? strerror(-err) : text);
}

static void drive_asked(struct work *work, unsigned int i)
{
	struct owner *owner = work->owner;
	uint64_t count;

	if (read(work->drives[i].event, &count, sizeof(count)) != sizeof(count) ||
	    owner->asked[i])
		return;
	report_note("owner %s is asked for slot %u", owner->id, owner->slots[i]);
	if (owner->linger_ms != LINGER_NEVER)
		work->drives[i].close_at = clock_ms() + owner->linger_ms;
	owner->asked[i] = true;
	if (*owner->reads)
		read_file(owner, i);
}

/* Told to let go: what it reads when it is asked it reads now, if nobody asked. */
static void drive_release(struct work *work, unsigned int i)
{
	if (*work->owner->reads && !work->owner->asked[i])
		read_file(work->owner, i);
	drive_close(work, i);
}

/* Milliseconds until the next drive is due, -1 if none is. */
static int close_due(struct work *work)
{
	uint64_t now = clock_ms();
	int next = -1;

	for (unsigned int i = 0; i < work->owner->count; i++) {
		uint64_t at = work->drives[i].close_at;

		if (!at)
			continue;
		if (at <= now)
			drive_close(work, i);
		else if (next < 0 || (int)(at - now) < next)
			next = at - now;
	}
	return next;
}

static bool all_closed(const struct work *work)
{
	for (unsigned int i = 0; i < work->owner->count; i++)
		if (work->drives[i].device >= 0)
			return false;
	return true;
}

static void serve(struct work *work)
{
	unsigned int count = work->owner->count;
	struct pollfd fds[SLOTS_MAX + 1];
	int timeout;

	fds[count] = (struct pollfd){ .fd = work->signals, .events = POLLIN };
	for (unsigned int i = 0; i < count; i++)
		fds[i] = (struct pollfd){ .fd = work->drives[i].event, .events = POLLIN };
	for (;;) {
		timeout = close_due(work);
		if (all_closed(work))
			return;
		if (poll(fds, count + 1, timeout) < 0)
			continue;
		for (unsigned int i = 0; i < count; i++)
			if (fds[i].revents)
				drive_asked(work, i);
		for (unsigned int i = 0; fds[count].revents && i < count; i++)
			drive_release(work, i);
	}
}

/** owner_main - the owner's process; SIGTERM tells it to let go of everything */
int owner_main(void *arg)
{
	static struct work work;
	sigset_t mask;

	work.owner = arg;
	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	work.signals = signalfd(-1, &mask, SFD_CLOEXEC);
	if (work.signals < 0)
		failed(&work, 0, "signals");
	check(&work, 0, "container", vfio_init(&work.vfio));
	for (unsigned int i = 0; i < work.owner->count; i++)
		drive_open(&work, i);
	work.owner->ready = true;
	serve(&work);
	return 0;
}
