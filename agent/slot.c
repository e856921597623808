// SPDX-License-Identifier: GPL-2.0-only
/*
 * slot.c - hot-plug slots, their ports, devices and interrupt threads
 *
 * What was once seen of a slot stays known: a port that is being removed
 * loses its files one by one, and that is when they are asked for.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ops.h"

#define SLOTS "/sys/bus/pci/slots"
#define FUNCTIONS_MAX 8		/* virtual ones, of a slot */

static struct slot slots[SLOTS_MAX];
static unsigned int nslots;

const struct slot *slot_find(unsigned int number)
{
	for (unsigned int i = 0; i < nslots; i++)
		if (slots[i].number == number)
			return &slots[i];
	return NULL;
}

const struct slot *slot_next(const struct slot *slot)
{
	slot = slot ? slot + 1 : slots;
	return slot < slots + nslots ? slot : NULL;
}

/* What was once seen of a virtual function stays known as well. */
static const struct slot *virtual_function(const struct slot *slot, const char *text)
{
	static struct slot functions[SLOTS_MAX][FUNCTIONS_MAX];
	unsigned int index = number_arg(text);
	struct slot *function;

	if (index >= FUNCTIONS_MAX)
		die("there are at most %d virtual functions", FUNCTIONS_MAX);
	function = &functions[slot - slots][index];
	if (!function->number) {
		*function = *slot;
		if (file_link(function->device, sizeof(function->device),
			      "/sys/bus/pci/devices/%s/virtfn%u", slot->device, index))
			die("%s has no virtual function %u", slot->device, index);
	}
	return function;
}

const struct slot *slot_arg(const char *text)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);
	const struct slot *slot;

	if (!isdigit((unsigned char)*text) || (*end && *end != 'v'))
		die("\"%s\" is no slot number", text);
	slot = slot_find(number);
	if (!slot)
		slots_refresh();
	slot = slot_find(number);
	if (!slot)
		die("there is no slot %s", text);
	return *end ? virtual_function(slot, end + 1) : slot;
}

bool slot_present(const struct slot *slot)
{
	return file_exists("/sys/bus/pci/devices/%s", slot->device);
}

static void find_handler(struct slot *slot)
{
	pid_t thread;
	int irq;

	if (slot->thread && file_exists("/proc/%d", slot->thread))
		return;
	thread = port_thread(slot->port, "pciehp", &irq);
	if (!thread)
		return;
	slot->irq = irq;
	slot->thread = thread;
}

static struct slot *get_slot(unsigned int number)
{
	struct slot *slot = (struct slot *)slot_find(number);

	if (slot || nslots == SLOTS_MAX)
		return slot;
	slot = &slots[nslots++];
	*slot = (struct slot){ .number = number };
	return slot;
}

/* A slot's address is "0000:02:00": domain, bus, device. */
static void refresh(const char *name)
{
	struct slot *slot;
	char address[DEVICE_NAME];

	if (name[strspn(name, "0123456789")] ||
	    file_read(address, sizeof(address), SLOTS "/%s/address", name) ||
	    strlen(address) != strlen("0000:02:00"))
		return;
	slot = get_slot(atoi(name));
	if (!slot)
		return;
	snprintf(slot->bus, sizeof(slot->bus), "%.7s", address);
	snprintf(slot->device, sizeof(slot->device), "%.10s.0", address);
	port_of_bus(slot->bus, slot->port);
	port_service(slot->port, slot->service);
	find_handler(slot);
}

void slots_refresh(void)
{
	DIR *dir = opendir(SLOTS);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			refresh(entry->d_name);
	if (dir)
		closedir(dir);
}

static const struct {
	const char *word;
	const char *folder;
	size_t member;
} placeholders[] = {
	{ "port ", "/sys/bus/pci/devices/", offsetof(struct slot, port) },
	{ "bus ", "/sys/class/pci_bus/", offsetof(struct slot, bus) },
	{ "service ", "/sys/bus/pci_express/devices/", offsetof(struct slot, service) },
	{ "", "/sys/bus/pci/devices/", offsetof(struct slot, device) },
};

/* @text: what stands between the braces */
static void expand(char *buf, size_t size, const char *text, bool name_only)
{
	const struct slot *slot;
	size_t i, len;

	for (i = 0;; i++) {
		len = strlen(placeholders[i].word);
		if (!strncmp(text, placeholders[i].word, len))
			break;
	}
	slot = slot_arg(text + len);
	snprintf(buf, size, "%s%s", name_only ? "" : placeholders[i].folder,
		 (const char *)slot + placeholders[i].member);
}

static void expand_first(char *buf, size_t size, const char *text, bool name_only)
{
	const char *open = strchr(text, '{');
	const char *close = open ? strchr(open, '}') : NULL;
	char inner[32], name[128] = "";
	int head = open ? (int)(open - text) : 0;

	if (!close || (size_t)(close - open) > sizeof(inner)) {
		snprintf(buf, size, "%s", text);
		return;
	}
	snprintf(inner, sizeof(inner), "%.*s", (int)(close - open - 1), open + 1);
	expand(name, sizeof(name), inner, name_only);
	snprintf(buf, size, "%.*s%s%s", head, text, name, close + 1);
}

void path_expand(char *buf, size_t size, const char *path)
{
	expand_first(buf, size, path, false);
}

void text_expand(char *buf, size_t size, const char *text)
{
	expand_first(buf, size, text, true);
}
