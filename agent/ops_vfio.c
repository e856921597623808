// SPDX-License-Identifier: GPL-2.0-only
/*
 * ops_vfio.c - what the threads of an owner may ask of a drive at once
 *
 * A thread is a process of its own here, which borrows the file of the drive
 * from its owner: so the plan can start it, and wait for it, by its name.
 */
#include <errno.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "ops.h"
#include "vfio.h"

#define CAPABILITIES_MAX 48	/* as many as fit the first 256 bytes */

struct request {
	const char *role;
	pid_t owner;
	int file;		/* in the owner's process */
};

static int borrow(const struct request *request)
{
	int owner = pidfd_open(request->owner, 0);
	int file = owner < 0 ? -1 : pidfd_getfd(owner, request->file, 0);

	if (file < 0)
		report_note("%s: no file: %s", request->role, strerror(errno));
	return file;
}

/* The interrupt is given back when the file is closed for the last time. */
static int irq_main(void *arg)
{
	const struct request *request = arg;
	int device = borrow(request), err;

	if (device < 0)
		return 1;
	err = vfio_signal(device, VFIO_PCI_MSIX_IRQ_INDEX);
	if (err < 0)
		report_note("%s: %s", request->role, strerror(-err));
	return 0;
}

/* Offset of its power management register in the file of a device, or -1. */
static off_t power_register(int device)
{
	struct vfio_region_info config = {
		.argsz = sizeof(config), .index = VFIO_PCI_CONFIG_REGION_INDEX,
	};
	uint8_t at, head[2];

	if (ioctl(device, VFIO_DEVICE_GET_REGION_INFO, &config) ||
	    pread(device, &at, 1, config.offset + PCI_CAPABILITY_LIST) != 1)
		return -1;
	for (int i = 0; at && i < CAPABILITIES_MAX; i++) {
		if (pread(device, head, 2, config.offset + at) != 2)
			return -1;
		if (head[0] == PCI_CAP_ID_PM)
			return config.offset + at + PCI_PM_CTRL;
		at = head[1];
	}
	errno = ENXIO;
	return -1;
}

/* PCI_PM_CTRL_STATE_MASK: 3 is D3hot, 0 is D0. */
static int doze_main(void *arg)
{
	const struct request *request = arg;
	const uint16_t states[] = { 3, 0 };
	int device = borrow(request);
	off_t offset = device < 0 ? -1 : power_register(device);

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		if (offset >= 0 && pwrite(device, &states[i], 2, offset) == 2)
			continue;
		report_note("%s: %s", request->role, strerror(errno));
		return 1;
	}
	return 0;
}

static void start(char **words, const char *verb, int (*run)(void *))
{
	const struct proc *proc = proc_arg(words[1]);
	unsigned int number = number_arg(words[2]);
	struct request request = { .owner = proc->pid };
	char role[64];

	id_arg(words[0]);
	if (!proc->owner)
		die("%s is no owner", words[1]);
	for (unsigned int i = 0; i < proc->owner->count; i++) {
		if (proc->owner->slots[i] != number || proc->owner->closed[i])
			continue;
		request.file = proc->owner->files[i];
		snprintf(role, sizeof(role), "%s %s %s", verb, words[0], proc->owner->devices[i]);
		request.role = role;
		proc_spawn(words[0], role, run, &request);
		return;
	}
	die("owner %s has not opened slot %u", words[1], number);
}

void op_irq(char **words, unsigned int count)
{
	(void)count;
	start(words, "irq", irq_main);
}

void op_doze(char **words, unsigned int count)
{
	(void)count;
	start(words, "doze", doze_main);
}
