// SPDX-License-Identifier: GPL-2.0-only
/*
 * ops_reset.c - how a drive is to be reset
 *
 * Kernels before 5.15 have no file reset_method: they take the first method
 * that a device has.  There it must be one of those that the plan wants, so
 * that a scenario cannot quietly run into another kind of reset.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent.h"
#include "ops.h"

struct config {
	uint8_t bytes[256];
};

static void config_read(const struct slot *slot, struct config *ret)
{
	char path[128];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/config", slot->device);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	len = fd < 0 ? -1 : read(fd, ret->bytes, sizeof(ret->bytes));
	if (len != sizeof(ret->bytes))
		die("slot %u: cannot read %s: %s", slot->number, path, strerror(errno));
	close(fd);
}

static unsigned int config_word(const struct config *config, unsigned int at)
{
	return at + 1 < sizeof(config->bytes) ?
	       config->bytes[at] | config->bytes[at + 1] << 8 : 0;
}

/* A list in 192 bytes has at most 48 entries. */
static unsigned int config_capability(const struct config *config, uint8_t id)
{
	unsigned int at = config->bytes[PCI_CAPABILITY_LIST] & ~3u;

	for (int left = 48; at >= 64 && left; left--) {
		if (config->bytes[at] == id)
			return at;
		at = config->bytes[at + 1] & ~3u;
	}
	return 0;
}

/* The kernel's order, as far as emulated drives go. */
static const char *first_method(const struct config *config)
{
	unsigned int express = config_capability(config, PCI_CAP_ID_EXP);
	unsigned int power = config_capability(config, PCI_CAP_ID_PM);

	if (express && config_word(config, express + PCI_EXP_DEVCAP + 2) & PCI_EXP_DEVCAP_FLR >> 16)
		return "flr";
	if (config_capability(config, PCI_CAP_ID_AF))
		return "af_flr";
	if (power && !(config_word(config, power + PCI_PM_CTRL) & PCI_PM_CTRL_NO_SOFT_RESET))
		return "pm";
	return "bus";
}

/* Is @method one of "this,that"? */
static bool is_listed(const char *list, const char *method)
{
	size_t len = strlen(method);

	for (const char *at = list; at; at = strchr(at, ','), at = at ? at + 1 : NULL)
		if (!strncmp(at, method, len) && (!at[len] || at[len] == ','))
			return true;
	return false;
}

static void check_method(const struct slot *slot, const char *want)
{
	struct config config;
	const char *have;

	config_read(slot, &config);
	have = first_method(&config);
	if (!is_listed(want, have))
		die("slot %u: this kernel has no reset_method, and would reset %s by %s, not %s",
		    slot->number, slot->device, have, want);
}

static void set_method(const struct slot *slot, const char *method)
{
	char path[128], text[64];
	int err;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/reset_method", slot->device);
	snprintf(text, sizeof(text), "%s", method);
	for (char *comma = text; (comma = strchr(comma, ','));)
		*comma = ' ';
	err = file_write(path, text);
	if (err == -ENOENT)
		check_method(slot, method);
	else if (err)
		die("%s: \"%s\": %s", path, method, strerror(-err));
}

void op_reset_method(char **words, unsigned int count)
{
	for (unsigned int i = 1; i < count; i++)
		set_method(slot_arg(words[i]), words[0]);
}
