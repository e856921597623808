// SPDX-License-Identifier: GPL-2.0-only
/*
 * ops_yank.c - pulling a drive without asking, and the slot's event about it
 *
 * See lib/slotctl.h.  Between the two the drive is gone and still owned.
 */
#include <string.h>

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

static void yank(const struct slot *slot)
{
	struct slotctl ctl = open_slot(slot);

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

void op_notice(char **words, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		const struct slot *slot = slot_arg(words[i]);
		struct slotctl ctl = open_slot(slot);

		slotctl_restore(&ctl, recall(slot));
		slotctl_close(&ctl);
	}
}
