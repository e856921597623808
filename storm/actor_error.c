// SPDX-License-Identifier: GPL-2.0-only
/*
 * actor_error.c - a port reports an error that did not happen, and the kernel recovers
 *
 * By the kernel's own aer_inject, where that module is loaded.  Only drives that
 * vfio-pci has: nvme hangs by itself, on any kernel, over an error that comes
 * while it sets up its drive, and so does whoever wants to unbind it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "actors.h"

#define INJECTOR "/dev/aer_inject"

/* As the kernel's drivers/pci/pcie/aer_inject.c reads it. */
struct injection {
	uint8_t bus;
	uint8_t dev;
	uint8_t fn;
	uint32_t uncorrectable;
	uint32_t correctable;
	uint32_t header[4];
	uint32_t domain;
};

static int inject(const char *device, uint32_t bit)
{
	struct injection error = { .uncorrectable = bit };
	unsigned int bus, dev, fn;
	int fd, err = 0;

	if (sscanf(device, "%x:%x:%x.%x", &error.domain, &bus, &dev, &fn) != 4)
		return -EINVAL;
	error.bus = bus;
	error.dev = dev;
	error.fn = fn;
	fd = open(INJECTOR, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, &error, sizeof(error)) != sizeof(error))
		err = -errno;
	close(fd);
	return err;
}

static void run(struct storm_task *task)
{
	bool fatal = !strcmp(storm_task_way(task), "fatal");

	storm_revive(task, 0);
	if (storm_bind(task, 0, "vfio-pci"))
		return;
	storm_begin(task, fatal ? "error fatal" : "error nonfatal", 0);
	storm_end(task, inject(storm_task_slot(task, 0)->port,
			       fatal ? PCI_ERR_UNC_DLP : PCI_ERR_UNC_COMP_TIME));
}

static const char *lacks(const struct storm_host *host)
{
	if (access(INJECTOR, W_OK))
		return "the module aer_inject is not loaded";
	return storm_vfio_lacks(host);
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
