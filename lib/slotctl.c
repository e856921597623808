// SPDX-License-Identifier: GPL-2.0-only
/*
 * slotctl.c - the slot registers of a port, behind the kernel's back
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "slotctl.h"

#define CAPABILITIES_MAX 48	/* as many as fit the first 256 bytes */
#define CONFIG_BYTES 4096	/* of each function */

static uint16_t read_word(const struct slotctl *ctl, unsigned int offset)
{
	uint16_t value = 0xffff;

	if (ctl->config)
		return ctl->config[offset / 2];
	return pread(ctl->file, &value, sizeof(value), offset) == sizeof(value) ? value : 0xffff;
}

static void write_word(const struct slotctl *ctl, unsigned int offset, uint16_t value)
{
	if (ctl->config)
		ctl->config[offset / 2] = value;
	else if (pwrite(ctl->file, &value, sizeof(value), offset) < 0)
		return;		/* shows in what is read */
}

/* "  b0000000-bfffffff : PCI MMCONFIG 0000 [bus 00-ff]"; newer kernels say ECAM.  0: not there. */
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
	return begin;
}

static int map_config(const char *name, struct slotctl *ctl)
{
	unsigned int bus, device, function;
	off_t page = space_begin();
	void *config;
	int fd;

	if (sscanf(name, "%*x:%x:%x.%x", &bus, &device, &function) != 3)
		return -EINVAL;
	if (!page)
		return -ENODEV;
	fd = open("/dev/mem", O_RDWR | O_SYNC | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	page += (bus << 8 | device << 3 | function) * (off_t)CONFIG_BYTES;
	config = mmap(NULL, CONFIG_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, page);
	close(fd);
	if (config == MAP_FAILED)
		return -errno;
	ctl->config = config;
	return 0;
}

static int open_file(const char *name, struct slotctl *ctl)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/config", name);
	ctl->file = open(path, O_RDWR | O_CLOEXEC);
	return ctl->file < 0 ? -errno : 0;
}

static int find_express(struct slotctl *ctl)
{
	unsigned int at = read_word(ctl, PCI_CAPABILITY_LIST) & 0xfc;

	for (int i = 0; at && i < CAPABILITIES_MAX; i++) {
		uint16_t head = read_word(ctl, at);

		if ((head & 0xff) == PCI_CAP_ID_EXP) {
			ctl->express = at;
			return 0;
		}
		at = head >> 8 & 0xfc;
	}
	return -ENXIO;
}

int slotctl_open(const char *name, struct slotctl *ret)
{
	struct slotctl ctl = { .config = NULL };
	int err = access("/proc/xen/capabilities", F_OK) ? map_config(name, &ctl) :
							   open_file(name, &ctl);

	if (err)
		return err;
	err = find_express(&ctl);
	if (err)
		slotctl_close(&ctl);
	else
		*ret = ctl;
	return err;
}

void slotctl_close(struct slotctl *ctl)
{
	if (ctl->config)
		munmap((void *)ctl->config, CONFIG_BYTES);
	else
		close(ctl->file);
}

unsigned int slotctl_register(const struct slotctl *ctl)
{
	return ctl->express + PCI_EXP_SLTCTL;
}

int slotctl_look(const char *name, struct slotctl_state *ret)
{
	struct slotctl ctl = { .config = NULL };
	int err = open_file(name, &ctl);

	if (err)
		return err;
	err = find_express(&ctl);
	if (!err)
		*ret = (struct slotctl_state){
			.control = read_word(&ctl, ctl.express + PCI_EXP_SLTCTL),
			.status = read_word(&ctl, ctl.express + PCI_EXP_SLTSTA),
		};
	slotctl_close(&ctl);
	return err;
}

bool slotctl_empty(const struct slotctl *ctl)
{
	return !(read_word(ctl, ctl->express + PCI_EXP_SLTSTA) & PCI_EXP_SLTSTA_PDS);
}

/*
 * pciehp writes the same register: while it resets a slot, the events that tell of removals
 * are off.  Only these fields are ours to change and to put back; a slot that got all of a
 * register read at such a moment would be deaf for ever.
 */
#define CUT_FIELDS	(PCI_EXP_SLTCTL_HPIE | PCI_EXP_SLTCTL_PIC | PCI_EXP_SLTCTL_PCC)

static uint16_t set_cut_fields(const struct slotctl *ctl, uint16_t fields)
{
	uint16_t was = read_word(ctl, ctl->express + PCI_EXP_SLTCTL);

	write_word(ctl, ctl->express + PCI_EXP_SLTCTL,
		   (was & ~CUT_FIELDS) | (fields & CUT_FIELDS));
	return was;
}

uint16_t slotctl_cut(const struct slotctl *ctl)
{
	return set_cut_fields(ctl, PCI_EXP_SLTCTL_PWR_IND_OFF | PCI_EXP_SLTCTL_PWR_OFF);
}

void slotctl_restore(const struct slotctl *ctl, uint16_t was)
{
	set_cut_fields(ctl, was);
}
