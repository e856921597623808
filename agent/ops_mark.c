// SPDX-License-Identifier: GPL-2.0-only
/*
 * ops_mark.c - what an owner leaves in a drive, and whether it is still there
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ops.h"

enum { WINDOW = 4096, HEADER = 64, KEPT_MAX = 32 };

/*
 * struct place - where a kind of drive keeps what only a reset clears
 *
 * Of a SAS controller that is the interrupt mask of LSI's MegaRAID, all ones after a
 * reset, in its second BAR.
 */
static const struct place {
	const char *class, *resource;
	unsigned int offset;
	uint32_t unmarked;
} places[] = {
	{ "0x010802", "resource0", MARK_OFFSET, 0 },
	{ "0x010400", "resource1", 0x34, ~0u },
};

static const struct place *place_of(const struct slot *slot)
{
	char class[16] = "";

	file_read(class, sizeof(class), "/sys/bus/pci/devices/%s/class", slot->device);
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (!strcmp(places[i].class, class))
			return &places[i];
	die("slot %u: a device of class %s takes no mark", slot->number, class);
}

static int open_file(const struct slot *slot, const char *name)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/%s", slot->device, name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		die("%s: %s", path, strerror(errno));
	return fd;
}

static void change_command(const struct slot *slot, uint16_t set, uint16_t clear)
{
	int config = open_file(slot, "config");
	uint16_t command;

	if (pread(config, &command, sizeof(command), PCI_COMMAND) != sizeof(command))
		die("slot %u: cannot look into %s: %s", slot->number, slot->device, strerror(errno));
	command = (command | set) & ~clear;
	if (pwrite(config, &command, sizeof(command), PCI_COMMAND) != sizeof(command))
		die("slot %u: cannot switch %s on or off", slot->number, slot->device);
	close(config);
}

/* The device's memory is switched on for the look: its driver may not have done so. */
static void switch_on(const struct slot *slot, uint16_t bits)
{
	change_command(slot, bits, 0);
}

/* Firmware that looked for something to boot from may have left it on. */
void stop_writing(const struct slot *slot)
{
	change_command(slot, 0, PCI_COMMAND_MASTER);
}

static volatile uint32_t *map_registers(const struct slot *slot)
{
	int resource = open_file(slot, place_of(slot)->resource);
	void *bar = mmap(NULL, WINDOW, PROT_READ | PROT_WRITE, MAP_SHARED, resource, 0);

	if (bar == MAP_FAILED)
		die("slot %u: cannot look into %s: %s", slot->number, slot->device, strerror(errno));
	close(resource);
	return bar;
}

static uint32_t read_mark(const struct slot *slot)
{
	volatile uint32_t *bar;
	uint32_t mark;

	switch_on(slot, PCI_COMMAND_MEMORY);
	bar = map_registers(slot);
	mark = bar[place_of(slot)->offset / sizeof(*bar)];
	munmap((void *)bar, WINDOW);
	return mark;
}

static void write_mark(const struct slot *slot, uint32_t mark)
{
	volatile uint32_t *bar = map_registers(slot);

	bar[place_of(slot)->offset / sizeof(*bar)] = mark;
	munmap((void *)bar, WINDOW);
	if (read_mark(slot) != mark)
		die("slot %u: %s does not take a mark", slot->number, slot->device);
}

static void check_mark(const struct slot *slot)
{
	uint32_t mark = read_mark(slot);

	if (mark != place_of(slot)->unmarked)
		wrong("slot %u: %s still holds mark %u of its last owner", slot->number,
		      slot->device, mark);
}

void op_unmarked(char **words, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		check_mark(slot_arg(words[i]));
}

/* ---- drives of guests ---- */

static struct kept {
	unsigned int slot;	/* 0: none */
	uint8_t header[HEADER];
} kept[KEPT_MAX];

static void read_header(const struct slot *slot, uint8_t header[HEADER])
{
	int config = open_file(slot, "config");

	if (pread(config, header, HEADER, 0) != HEADER)
		die("slot %u: cannot read the configuration of %s", slot->number, slot->device);
	close(config);
}

static void keep_header(const struct slot *slot)
{
	for (int i = 0; i < KEPT_MAX; i++) {
		if (kept[i].slot && kept[i].slot != slot->number)
			continue;
		kept[i].slot = slot->number;
		read_header(slot, kept[i].header);
		return;
	}
	die("more than %d drives are marked", KEPT_MAX);
}

/* As a guest leaves a drive that is killed at work: switched on, in its own set-up. */
void op_mark(char **words, unsigned int count)
{
	uint32_t mark = number_arg(words[0]);
	static const uint8_t line = 0x15;

	for (unsigned int i = 1; i < count; i++) {
		const struct slot *slot = slot_arg(words[i]);
		int config;

		keep_header(slot);
		config = open_file(slot, "config");
		if (pwrite(config, &line, 1, PCI_CACHE_LINE_SIZE) != 1)
			die("slot %u: cannot set up %s", slot->number, slot->device);
		close(config);
		switch_on(slot, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
		write_mark(slot, mark);
	}
}

/* Registers that say what happens, and not what was set up. */
static bool is_state(int at)
{
	return at == PCI_STATUS || at == PCI_STATUS + 1;
}

static void check_header(const struct slot *slot, const uint8_t *before)
{
	uint8_t now[HEADER];

	read_header(slot, now);
	if (now[PCI_COMMAND] & PCI_COMMAND_MASTER)
		wrong("slot %u: %s may still write to memory", slot->number, slot->device);
	for (int at = 0; at < HEADER; at++)
		if (now[at] != before[at] && !is_state(at))
			wrong("slot %u: %s has %#04x at %#04x of its configuration, %#04x before",
			      slot->number, slot->device, now[at], at, before[at]);
}

static void check_disabled(const struct slot *slot)
{
	char text[16];

	if (file_read(text, sizeof(text), "/sys/bus/pci/devices/%s/enable", slot->device))
		die("slot %u: %s: %s", slot->number, slot->device, strerror(errno));
	if (strcmp(text, "0"))
		wrong("slot %u: %s is still enabled", slot->number, slot->device);
}

void op_returned(char **words, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		const struct slot *slot = slot_arg(words[i]);
		int at = 0;

		while (at < KEPT_MAX && kept[at].slot != slot->number)
			at++;
		if (at == KEPT_MAX)
			die("slot %u was not marked", slot->number);
		check_header(slot, kept[at].header);
		check_disabled(slot);
		check_mark(slot);
	}
}
