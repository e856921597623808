// SPDX-License-Identifier: GPL-2.0-only
/*
 * slots.c - slots, their ports and what is in them
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "storm.h"

/* The folder of a bus lies in .../<port>/pci_bus/<bus>. */
static int find_port(const char *root, struct storm_slot *slot)
{
	char link[PATH_MAX], path[PATH_MAX], *cut;

	snprintf(link, sizeof(link), "%s/sys/class/pci_bus/%s", root, slot->bus);
	cut = realpath(link, path) ? strstr(path, "/pci_bus/") : NULL;
	if (!cut)
		return -ENODEV;
	*cut = '\0';
	cut = strrchr(path, '/');
	if (!cut || strlen(cut + 1) >= sizeof(slot->port))
		return -ENODEV;
	strcpy(slot->port, cut + 1);
	return 0;
}

/* A slot's address is "0000:02:00": domain, bus, device. */
int storm_slot_find(const char *root, const char *name, struct storm_slot *ret)
{
	struct storm_slot slot = { .name = "" };
	char address[STORM_DEVICE];

	if (strlen(name) >= sizeof(slot.name) || strchr(name, '/') ||
	    file_read(address, sizeof(address), "%s/sys/bus/pci/slots/%s/address", root, name) ||
	    strlen(address) != strlen("0000:02:00"))
		return -ENODEV;
	strcpy(slot.name, name);
	snprintf(slot.bus, sizeof(slot.bus), "%.7s", address);
	snprintf(slot.device, sizeof(slot.device), "%.10s.0", address);
	if (find_port(root, &slot))
		return -ENODEV;
	*ret = slot;
	return 0;
}

bool storm_slot_present(const struct storm_slot *slot)
{
	return file_exists("/sys/bus/pci/devices/%s", slot->device);
}
