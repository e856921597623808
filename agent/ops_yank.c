// SPDX-License-Identifier: GPL-2.0-only
/*
 * ops_yank.c - pulling a drive without asking, and the slot's event about it
 *
 * QEMU ejects what is in a slot as soon as the slot's power controller and power
 * indicator are off (seen with QEMU 7.2).  Slot Control is written behind
 * pciehp's back, with its interrupt off: the kernel learns nothing until the
 * old value is written back, and then finds an event and an empty slot, which
 * has power: a surprise removal.  In between the drive is gone and still owned.
 *
 * Hardware asks no kernel for leave: the port's registers are written where they
 * are mapped.  Through the port's file one would wait, since 6.10, for whoever
 * resets the drive.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ops.h"

#define EJECT_SECONDS 10
#define CAPABILITIES_MAX 48	/* as many as fit the first 256 bytes */
#define CONFIG_BYTES 4096	/* of each function */

/* What Slot Control was before, of slots that were yanked and not noticed yet. */
static struct {
	unsigned int slot;	/* 0: free */
	uint16_t control;
} yanked[SLOTS_MAX];

struct port {
	volatile uint16_t *config;	/* its page of the machine's configuration space */
	unsigned int express;		/* offset of its PCI Express capability */
};

static uint16_t port_read(const struct port *port, unsigned int offset)
{
	return port->config[offset / 2];
}

static void port_write(const struct port *port, unsigned int offset, uint16_t value)
{
	port->config[offset / 2] = value;
}

/* "  b0000000-bfffffff : PCI MMCONFIG 0000 [bus 00-ff]"; newer kernels say ECAM. */
static off_t space_begin(void)
{
	FILE *file = fopen("/proc/iomem", "re");
	unsigned long long begin = 0;
	char line[128];

	while (file && !begin && fgets(line, sizeof(line), file))
		if (strstr(line, "PCI MMCONFIG 0000") || strstr(line, "PCI ECAM 0000"))
			begin = strtoull(line, NULL, 16);
	if (file)
		fclose(file);
	if (!begin)
		die("the machine's PCI configuration space is not in /proc/iomem");
	return begin;
}

static volatile uint16_t *map_config(const struct slot *slot)
{
	unsigned int bus, device, function;
	off_t page = space_begin();
	int fd = open("/dev/mem", O_RDWR | O_SYNC | O_CLOEXEC);
	void *config;

	if (sscanf(slot->port, "%*x:%x:%x.%x", &bus, &device, &function) != 3)
		die("slot %u: %s is no PCI address", slot->number, slot->port);
	page += (bus << 8 | device << 3 | function) * (off_t)CONFIG_BYTES;
	config = mmap(NULL, CONFIG_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, page);
	if (config == MAP_FAILED)
		die("/dev/mem: %s", strerror(errno));
	close(fd);
	return config;
}

static void port_close(struct port *port)
{
	munmap((void *)port->config, CONFIG_BYTES);
}

static struct port port_open(const struct slot *slot)
{
	struct port port = { .config = map_config(slot) };
	unsigned int at = port_read(&port, PCI_CAPABILITY_LIST) & 0xfc;

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
	port_close(&port);
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
		port_close(&port);
	}
}
