// SPDX-License-Identifier: GPL-2.0-only
/*
 * slotctl.c - the slot registers of a port, behind the kernel's back
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "slotctl.h"

#define CAPABILITIES_MAX 48	/* as many as fit the first 256 bytes */

static int port_read(const struct storm_port *port, unsigned int offset, uint16_t *ret)
{
	return pread(port->config, ret, sizeof(*ret), offset) == sizeof(*ret) ? 0 : -EIO;
}

static int port_write(const struct storm_port *port, unsigned int offset, uint16_t value)
{
	return pwrite(port->config, &value, sizeof(value), offset) == sizeof(value) ? 0 : -EIO;
}

static int find_express(struct storm_port *port)
{
	uint16_t at, head;

	if (port_read(port, PCI_CAPABILITY_LIST, &at))
		return -EIO;
	at &= 0xfc;
	for (int i = 0; at && i < CAPABILITIES_MAX; i++) {
		if (port_read(port, at, &head))
			return -EIO;
		if ((head & 0xff) == PCI_CAP_ID_EXP) {
			port->express = at;
			return 0;
		}
		at = head >> 8 & 0xfc;
	}
	return -ENXIO;
}

int storm_port_open(const char *name, struct storm_port *ret)
{
	struct storm_port port = { .config = -1 };
	char path[128];
	int err;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/config", name);
	port.config = open(path, O_RDWR | O_CLOEXEC);
	if (port.config < 0)
		return -errno;
	err = find_express(&port);
	if (err) {
		close(port.config);
		return err;
	}
	*ret = port;
	return 0;
}

void storm_port_close(struct storm_port *port)
{
	close(port->config);
}

bool storm_port_empty(const struct storm_port *port)
{
	uint16_t status;

	return !port_read(port, port->express + PCI_EXP_SLTSTA, &status) &&
	       !(status & PCI_EXP_SLTSTA_PDS);
}

int storm_port_cut(const struct storm_port *port)
{
	uint16_t control;
	int err = port_read(port, port->express + PCI_EXP_SLTCTL, &control);

	if (err)
		return err;
	control &= ~(PCI_EXP_SLTCTL_HPIE | PCI_EXP_SLTCTL_PIC);
	return port_write(port, port->express + PCI_EXP_SLTCTL,
			  control | PCI_EXP_SLTCTL_PWR_IND_OFF | PCI_EXP_SLTCTL_PWR_OFF);
}

int storm_port_restore(const struct storm_port *port)
{
	uint16_t control;
	int err = port_read(port, port->express + PCI_EXP_SLTCTL, &control);

	if (err)
		return err;
	control &= ~(PCI_EXP_SLTCTL_PIC | PCI_EXP_SLTCTL_PCC);
	return port_write(port, port->express + PCI_EXP_SLTCTL,
			  control | PCI_EXP_SLTCTL_HPIE | PCI_EXP_SLTCTL_PWR_IND_ON);
}
