// SPDX-License-Identifier: GPL-2.0-only
/*
 * live_slots.c - hot-plug slots of the machine that we run on
 *
 * Slots whose names are no numbers ("2-1": the firmware gave a number twice) get
 * a number that no slot has, and keep their name beside it.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "live_internal.h"
#include "port.h"

#define SLOTS "/sys/bus/pci/slots"
#define DEVICES "/sys/bus/pci/devices"
#define UNNUMBERED 100000	/* and up */

/* The functions of the devices in a slot, by the slot's address "0000:02:00". */
static struct json_object *functions(const char *address)
{
	struct json_object *ret = json_object_new_array();
	size_t len = strlen(address);
	struct dirent **names;
	int count = scandir(DEVICES, &names, NULL, alphasort);

	for (int i = 0; i < count; i++) {
		if (!strncmp(names[i]->d_name, address, len) && names[i]->d_name[len] == '.')
			json_object_array_add(ret, json_object_new_string(names[i]->d_name));
		free(names[i]);
	}
	if (count >= 0)
		free(names);
	return ret;
}

static int slot_number(const char *name, unsigned int *unnumbered)
{
	size_t digits = strspn(name, "0123456789");

	return digits && !name[digits] && digits < 6 ? atoi(name)
						     : (int)(UNNUMBERED + (*unnumbered)++);
}

static struct json_object *slot_json(const char *name, const char *address,
				     unsigned int *unnumbered)
{
	struct json_object *ret = json_object_new_object();
	struct json_object *devices = functions(address), *first;
	char port[DEVICE_NAME] = "", bus[DEVICE_NAME];
	int irq = 0;
	pid_t thread;

	snprintf(bus, sizeof(bus), "%.7s", address);
	port_of_bus(bus, port);
	thread = port[0] ? port_thread(port, "pciehp", &irq) : 0;
	json_object_object_add(ret, "slot", json_object_new_int(slot_number(name, unnumbered)));
	live_string(ret, "name", name);
	live_string(ret, "port", port);
	live_string(ret, "bus", bus);
	first = json_object_array_get_idx(devices, 0);
	json_object_object_add(ret, "irq", json_object_new_int(irq));
	json_object_object_add(ret, "device", json_object_get(first));
	json_object_object_add(ret, "devices", devices);
	json_object_object_add(ret, "thread", json_object_new_int(thread));
	return ret;
}

struct json_object *live_slots(void)
{
	struct json_object *ret = json_object_new_array();
	unsigned int unnumbered = 0;
	struct dirent **names;
	int count = scandir(SLOTS, &names, NULL, versionsort);
	char address[DEVICE_NAME];

	for (int i = 0; i < count; i++) {
		const char *name = names[i]->d_name;

		if (name[0] != '.' &&
		    !file_read(address, sizeof(address), SLOTS "/%s/address", name) &&
		    strlen(address) == strlen("0000:02:00"))
			json_object_array_add(ret, slot_json(name, address, &unnumbered));
		free(names[i]);
	}
	if (count >= 0)
		free(names);
	return ret;
}
