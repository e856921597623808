// SPDX-License-Identifier: GPL-2.0-only
/*
 * ops_yank.c - pulling a drive without asking, and the slot's event about it
 *
 * See lib/slotctl.h.  Between the two the drive is gone and still owned.  "pull" is both
 * at once.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ops.h"
#include "slotctl.h"

#define EJECT_SECONDS 10

/* What Slot Control was before, of slots that were yanked and not noticed yet. */
static struct {
	unsigned int slot;	/* 0: free */
	uint16_t control;
} yanked[SLOTS_MAX];

static struct slotctl open_slot(const struct slot *slot)
{
	struct slotctl ctl;
	int err = slotctl_open(slot->port, &ctl);

	if (err)
		die("slot %u: the registers of its port: %s", slot->number, strerror(-err));
	return ctl;
}

static bool is_empty(void *arg)
{
	return slotctl_empty(arg);
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

/*
 * A drive that was pulled ends nothing any more.  QEMU's ends what it has begun while it is
 * taken out, so it loses its way to memory first.  One that does not answer has none.
 */
static void silence(const char *device)
{
	char path[96];
	uint16_t command;
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/config", device);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return;
	if (pread(fd, &command, sizeof(command), PCI_COMMAND) == sizeof(command)) {
		command = htole16(le16toh(command) & ~PCI_COMMAND_MASTER);
		if (pwrite(fd, &command, sizeof(command), PCI_COMMAND) < 0)
			die("%s: %s", path, strerror(errno));
	}
	close(fd);
}

static void yank(const struct slot *slot)
{
	struct slotctl ctl = open_slot(slot);

	silence(slot->device);
	remember(slot, slotctl_cut(&ctl));
	if (!wait_for(EJECT_SECONDS, is_empty, &ctl))
		die("slot %u: the drive was not ejected", slot->number);
	slotctl_close(&ctl);
}

void op_yank(char **words, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		yank(slot_arg(words[i]));
}

void pull(const char *port, unsigned int slot_control)
{
	struct json_object *rec = record("pull");

	json_object_object_add(rec, "port", json_object_new_string(port));
	json_object_object_add(rec, "register", json_object_new_int(slot_control));
	report(rec);
}

/* All that is left to see is an event, as on hardware: see lab/pull.c. */
void op_pull(char **words, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		const struct slot *slot = slot_arg(words[i]);
		struct slotctl ctl = open_slot(slot);

		pull(slot->port, slotctl_register(&ctl));
		if (!wait_for(EJECT_SECONDS, is_empty, &ctl))
			die("slot %u: the drive was not pulled", slot->number);
		slotctl_close(&ctl);
	}
}

void op_notice(char **words, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		const struct slot *slot = slot_arg(words[i]);
		struct slotctl ctl = open_slot(slot);

		slotctl_restore(&ctl, recall(slot));
		slotctl_close(&ctl);
	}
}
