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
#include "slotgate/cleanup.h"
#include "storm.h"

/* ".../0000:00:03.0/0000:01:00.0/0000:02:01.0": name the last part, and leave the folder. */
static int cut_name(char *path, char ret[STORM_DEVICE])
{
	char *slash = strrchr(path, '/');

	if (!slash || strlen(slash + 1) >= STORM_DEVICE)
		return -ENODEV;
	strcpy(ret, slash + 1);
	*slash = '\0';
	return 0;
}

/* "/sys/devices/pci0000:00/0000:00:03.0/...": the part after that of the host bridge. */
static int find_top(const char *path, char ret[STORM_DEVICE])
{
	const char *bridge = strstr(path, "/pci"), *name = bridge ? strchr(bridge + 1, '/') : NULL;

	if (!name || strcspn(name + 1, "/") >= STORM_DEVICE)
		return -ENODEV;
	snprintf(ret, STORM_DEVICE, "%.*s", (int)strcspn(name + 1, "/"), name + 1);
	return 0;
}

/* The folder of a bus lies in .../<port>/pci_bus/<bus>, that of a root port in .../pci0000:00. */
static int find_port(const char *root, struct storm_slot *slot)
{
	char link[PATH_MAX], path[PATH_MAX], *cut;

	snprintf(link, sizeof(link), "%s/sys/class/pci_bus/%s", root, slot->bus);
	cut = realpath(link, path) ? strstr(path, "/pci_bus/") : NULL;
	if (!cut)
		return -ENODEV;
	*cut = '\0';
	if (find_top(path, slot->top) || cut_name(path, slot->port) ||
	    cut_name(path, slot->above))
		return -ENODEV;
	if (!strncmp(slot->above, "pci", 3))
		slot->above[0] = '\0';
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

static bool has_slot(const struct storm_config *config, const char *name)
{
	for (unsigned int i = 0; i < config->nslots; i++)
		if (!strcmp(config->slots[i].name, name))
			return true;
	return false;
}

static int add_slot(const char *root, const char *name, struct storm_config *config,
		    struct sg_error *err)
{
	if (has_slot(config, name))
		return sg_error_set(err, -EINVAL, "slot %s is named twice", name);
	if (config->nslots == STORM_SLOTS_MAX)
		return sg_error_set(err, -EINVAL, "more than %d slots", STORM_SLOTS_MAX);
	if (storm_slot_find(root, name, &config->slots[config->nslots]))
		return sg_error_set(err, -ENODEV, "there is no slot \"%s\" in /sys/bus/pci/slots",
				    name);
	config->nslots++;
	return 0;
}

/* "4-1" may be a name as well: the kernel calls so the second slot 4. */
static bool is_range(const char *root, const char *word, unsigned int *low, unsigned int *high)
{
	int end = 0;

	return !file_exists("%s/sys/bus/pci/slots/%s", root, word) &&
	       sscanf(word, "%u-%u%n", low, high, &end) == 2 && !word[end];
}

static int add_word(const char *root, const char *word, struct storm_config *config,
		    struct sg_error *err)
{
	unsigned int low, high;
	char name[16];
	int code = 0;

	if (!is_range(root, word, &low, &high))
		return add_slot(root, word, config, err);
	if (low > high)
		return sg_error_set(err, -EINVAL, "slots %s: from more to less", word);
	for (unsigned int number = low; number <= high && !code; number++) {
		snprintf(name, sizeof(name), "%u", number);
		code = add_slot(root, name, config, err);
	}
	return code;
}

int storm_slots_parse(const char *root, const char *text, struct storm_config *config,
		      struct sg_error *err)
{
	sg_autofree char *copy = strdup(text);
	char *save = NULL;
	int code = copy ? 0 : sg_error_set(err, -ENOMEM, "out of memory");

	for (char *word = copy ? strtok_r(copy, ",", &save) : NULL; word && !code;
	     word = strtok_r(NULL, ",", &save))
		code = add_word(root, word, config, err);
	if (!code && !config->nslots)
		return sg_error_set(err, -EINVAL, "which slots? \"%s\" names none", text);
	return code;
}
