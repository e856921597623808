// SPDX-License-Identifier: GPL-2.0-only
/*
 * ops_yank.c - pulling a drive without asking, and the slot's event about it
 *
 * QEMU ejects what is in a slot as soon as the slot's power controller and power
 * indicator are off (seen with QEMU 7.2).  Slot Control is written behind
 * pciehp's back, with its interrupt off: the kernel learns nothing until the
 * old value is written back, and then finds an event and an empty slot, which
 * has power: a surprise removal.  In between the drive is gone and still owned.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ops.h"

#define EJECT_SECONDS 10
#define CAPABILITIES_MAX 48	/* as many as fit the first 256 bytes */

/* What Slot Control was before, of slots that were yanked and not noticed yet. */
static struct {
	unsigned int slot;	/* 0: free */
	uint16_t control;
} yanked[SLOTS_MAX];

struct port {
	int config;
	unsigned int express;	/* offset of its PCI Express capability */
};

static uint16_t port_read(const struct port *port, unsigned int offset)
{
	uint16_t value;

	if (pread(port->config, &value, sizeof(value), offset) != sizeof(value))
		die("a port's configuration cannot be read: %s", strerror(errno));
	return value;
}

static void port_write(const struct port *port, unsigned int offset, uint16_t value)
{
	if (pwrite(port->config, &value, sizeof(value), offset) != sizeof(value))
		die("a port's configuration cannot be written: %s", strerror(errno));
}

static struct port port_open(const struct slot *slot)
{
	struct port port;
	char path[128];
	unsigned int at;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/config", slot->port);
	port.config = open(path, O_RDWR | O_CLOEXEC);
	if (port.config < 0)
		die("%s: %s", path, strerror(errno));
	at = port_read(&port, PCI_CAPABILITY_LIST) & 0xfc;
	for (int i = 0; at && i < CAPABILITIES_MAX; i++) {
		uint16_t head = port_read(&port, at);

		if ((head & 0xff) == PCI_CAP_ID_EXP) {
			port.express = at;
			return port;
		}
		at = head >> 8 & 0xfc;
	}
	die("slot %u: its port is no PCI Express port", slot->number);
}

static bool port_empty(void *arg)
{
	const struct port *port = arg;

	return !(port_read(port, port->express + PCI_EXP_SLTSTA) & PCI_EXP_SLTSTA_PDS);
}

static void remember(const struct slot *slot, uint16_t control)
{
	for (unsigned int i = 0; i < SLOTS_MAX; i++) {
		if (yanked[i].slot)
			continue;
		yanked[i].slot = slot->number;
		yanked[i].control = control;
		return;
	}
	die("too many slots are yanked");
}

static uint16_t recall(const struct slot *slot)
{
	for (unsigned int i = 0; i < SLOTS_MAX; i++) {
		if (yanked[i].slot != slot->number)
			continue;
		yanked[i].slot = 0;
		return yanked[i].control;
	}
	die("slot %u was not yanked", slot->number);
}

static void yank(const struct slot *slot)
{
	struct port port = port_open(slot);
	uint16_t control = port_read(&port, port.express + PCI_EXP_SLTCTL);

	remember(slot, control);
	control &= ~(PCI_EXP_SLTCTL_HPIE | PCI_EXP_SLTCTL_PIC);
	port_write(&port, port.express + PCI_EXP_SLTCTL,
		   control | PCI_EXP_SLTCTL_PWR_IND_OFF | PCI_EXP_SLTCTL_PWR_OFF);
	if (!wait_for(EJECT_SECONDS, port_empty, &port))
		die("slot %u: the drive was not ejected", slot->number);
	close(port.config);
}

void op_yank(char **words, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		yank(slot_arg(words[i]));
}

void op_notice(char **words, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		const struct slot *slot = slot_arg(words[i]);
		struct port port = port_open(slot);

		port_write(&port, port.express + PCI_EXP_SLTCTL, recall(slot));
		close(port.config);
	}
}
