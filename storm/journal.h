/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * journal.h - what slots and devices were before a storm, and are to be after it
 *
 * A storm changes drivers, driver_override, reset methods, virtual functions
 * and power, of its own slots only.  All of that is written down before it begins,
 * and stays on disk until everything is as it was: by the storm itself, or by
 * `slotgate storm --restore` after a crash.  It lies below /run: a reboot puts
 * everything back as well, and takes the journal with it.
 */
#ifndef STORM_JOURNAL_H
#define STORM_JOURNAL_H

#include "storm.h"

#define STORM_RUN "/run/slotgate"
#define STORM_JOURNAL STORM_RUN "/storm.json"
#define STORM_LOCK STORM_RUN "/storm.lock"
#define STORM_FUNCTIONS 8	/* of the device in a slot */

/** struct storm_function - a function of a device; "" is none, or that there is no such file */
struct storm_function {
	char name[STORM_DEVICE];
	char driver[64];
	char override[64];	/* driver_override */
	char methods[64];	/* reset_method */
	char vfs[16];		/* sriov_numvfs */
};

struct storm_journal {
	uint64_t seed;
	unsigned int nslots;
	struct {
		struct storm_slot slot;
		unsigned int nfunctions;
		struct storm_function functions[STORM_FUNCTIONS];
	} slots[STORM_SLOTS_MAX];
};

/** storm_journal_take - how the slots of @config are now */
void storm_journal_take(const char *root, const struct storm_config *config,
			struct storm_journal *ret);

/** storm_journal_save - to disk, whole or not at all; 0 or -errno */
int storm_journal_save(const char *path, const struct storm_journal *journal);

/** storm_journal_load - 0, -ENOENT if there is none, -EINVAL if it is damaged */
int storm_journal_load(const char *path, struct storm_journal *ret);

/** storm_journal_restore - slot @index of the operation as it was; its complaint tells what is not */
void storm_journal_restore(struct storm_task *task, unsigned int index);

#endif
