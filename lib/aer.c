// SPDX-License-Identifier: GPL-2.0-only
/*
 * aer.c - errors that a port reports and that did not happen
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "aer.h"

/* Their severity is the one that they have by default. */
static const struct {
	const char *kind;
	uint32_t bit;
} errors[] = {
	{ "fatal", PCI_ERR_UNC_DLP },
	{ "nonfatal", PCI_ERR_UNC_COMP_TIME },
};

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

static int send(const struct injection *error)
{
	int fd = open(AER_INJECTOR, O_WRONLY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, error, sizeof(*error)) != sizeof(*error))
		err = -errno;
	close(fd);
	return err;
}

int aer_inject(const char *device, const char *kind)
{
	struct injection error = { .uncorrectable = 0 };
	unsigned int bus, dev, fn;

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (!strcmp(errors[i].kind, kind))
			error.uncorrectable = errors[i].bit;
	if (!error.uncorrectable ||
	    sscanf(device, "%x:%x:%x.%x", &error.domain, &bus, &dev, &fn) != 4)
		return -EINVAL;
	error.bus = bus;
	error.dev = dev;
	error.fn = fn;
	return send(&error);
}
