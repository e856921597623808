// SPDX-License-Identifier: GPL-2.0-only
/*
 * restore.c - slots and devices as the journal has them
 *
 * Only what differs is written: a device that is as it was is not touched, whoever
 * uses it by now.
 */
#include <linux/pci_regs.h>
#include <stdio.h>
#include <string.h>

#include "file.h"
#include "guard.h"
#include "journal.h"
#include "slotctl.h"

#define TRIES 5
#define BIND_MS 10000
#define POLL_MS 200
#define DEVICES "/sys/bus/pci/devices/%s/"

static void complain(struct storm_task *task, const char *device, const char *what,
		     const char *text)
{
	if (!*task->job->complaint)
		snprintf(task->job->complaint, sizeof(task->job->complaint), "%s: %s%s", device,
			 what, text);
}

static void read_now(const char *device, const char *file, char *ret, size_t size)
{
	if (file_read(ret, size, DEVICES "%s", device, file) || !strcmp(ret, "(null)"))
		*ret = '\0';
}

static void driver_now(const char *device, char *ret, size_t size)
{
	if (file_link(ret, size, DEVICES "driver", device))
		*ret = '\0';
}

static void restore_functions(struct storm_task *task, unsigned int index,
			      const struct storm_function *was)
{
	char now[16];

	read_now(was->name, "sriov_numvfs", now, sizeof(now));
	if (!*was->vfs || !strcmp(now, was->vfs))
		return;
	if (strcmp(now, "0"))
		storm_write(task, "sriov off", index, "0", DEVICES "sriov_numvfs", was->name);
	if (strcmp(was->vfs, "0") &&
	    storm_write(task, "sriov on", index, was->vfs, DEVICES "sriov_numvfs", was->name))
		complain(task, was->name, "virtual functions cannot be had again: ", was->vfs);
}

static void restore_methods(struct storm_task *task, unsigned int index,
			    const struct storm_function *was)
{
	char now[64];

	read_now(was->name, "reset_method", now, sizeof(now));
	if (*was->methods && strcmp(now, was->methods) &&
	    storm_write(task, "reset_method", index, was->methods, DEVICES "reset_method",
			was->name))
		complain(task, was->name, "reset_method does not take ", was->methods);
}

/* Its own driver may be one that it was bound to by hand: named, not looked for. */
static bool rebind(struct storm_task *task, unsigned int index, const struct storm_function *was)
{
	char now[64];

	driver_now(was->name, now, sizeof(now));
	if (!strcmp(now, was->driver))
		return true;
	if (*now)
		storm_write(task, "unbind", index, was->name, DEVICES "driver/unbind", was->name);
	if (*was->driver)
		storm_write(task, "bind", index, was->name, "/sys/bus/pci/drivers/%s/bind",
			    was->driver);
	driver_now(was->name, now, sizeof(now));
	return !strcmp(now, was->driver);
}

/* One that has just come takes no driver at first, and may get its own without us. */
static void restore_driver(struct storm_task *task, unsigned int index,
			   const struct storm_function *was)
{
	uint64_t until = clock_ms() + BIND_MS;
	char override[64];

	read_now(was->name, "driver_override", override, sizeof(override));
	if (strcmp(override, was->override))
		storm_write(task, "override", index, *was->override ? was->override : "\n",
			    DEVICES "driver_override", was->name);
	while (!rebind(task, index, was)) {
		if (clock_ms() > until) {
			complain(task, was->name, "is not taken by its driver again: ",
				 *was->driver ? was->driver : "none");
			return;
		}
		sleep_ms(POLL_MS);
	}
}

static void restore_function(struct storm_task *task, unsigned int index,
			     const struct storm_function *was)
{
	if (!file_exists("/sys/bus/pci/devices/%s", was->name)) {
		complain(task, was->name, "is not there any more", "");
		return;
	}
	restore_driver(task, index, was);
	restore_methods(task, index, was);
	restore_functions(task, index, was);
}

/* Deaf, without power, or empty: its registers tell. */
static void complain_of_empty(struct storm_task *task, const struct storm_slot *slot)
{
	char registers[64] = "its port does not answer";
	struct slotctl_state now;

	if (!slotctl_look(slot->port, &now))
		snprintf(registers, sizeof(registers), "Slot Control %04x, Slot Status %04x",
			 now.control, now.status);
	complain(task, slot->device, "its drive does not come back: ", registers);
}

/*
 * A drive that was pulled is listed until its driver has let go of it: nvme gives it a
 * minute.  A port that cannot be read may have no such register.
 */
static bool is_back(const struct storm_slot *slot)
{
	struct slotctl_state now;

	return storm_slot_present(slot) &&
	       (slotctl_look(slot->port, &now) || now.status & PCI_EXP_SLTSTA_PDS);
}

static bool bring_back(struct storm_task *task, unsigned int index)
{
	const struct storm_slot *slot = storm_task_slot(task, index);
	uint64_t until = clock_ms() + task->storm->config->patience_s * 1000ULL;

	for (int tries = 0; !is_back(slot) && tries < TRIES && clock_ms() < until;) {
		if (storm_slot_present(slot)) {
			sleep_ms(POLL_MS);
			continue;
		}
		storm_revive(task, index);
		tries++;
	}
	return is_back(slot);
}

void storm_journal_restore(struct storm_task *task, unsigned int index)
{
	const struct storm_slot *slot = storm_task_slot(task, index);
	const struct storm_journal *journal = task->storm->config->journal;

	if (!bring_back(task, index)) {
		complain_of_empty(task, slot);
		return;
	}
	for (unsigned int i = 0; journal && i < journal->nslots; i++)
		for (unsigned int f = 0; f < journal->slots[i].nfunctions; f++)
			if (!strcmp(journal->slots[i].slot.name, slot->name))
				restore_function(task, index, &journal->slots[i].functions[f]);
}
