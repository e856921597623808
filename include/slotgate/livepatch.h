/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * livepatch.h - the state of slotgate.ko in a running kernel
 *
 * Everything is read from sysfs.  @root is put before each path, "" on a real
 * machine and a folder of samples in tests.
 */
#ifndef SLOTGATE_LIVEPATCH_H
#define SLOTGATE_LIVEPATCH_H

#include <stdbool.h>
#include <stddef.h>

struct json_object;

/** enum sg_patch_state - where the livepatch is */
enum sg_patch_state {
	SG_PATCH_NONE,		/* not loaded */
	SG_PATCH_SWITCHING_ON,	/* some tasks still run the original functions */
	SG_PATCH_ON,
	SG_PATCH_SWITCHING_OFF,
	SG_PATCH_OFF,		/* disabled, the module still loaded */
};

/** struct sg_counter - one counter file, as the module names it */
struct sg_counter {
	char name[32];
	unsigned long value;
};

#define SG_COUNTERS_MAX 16

/** struct sg_counters - all counters of one slot, or of the topology gate */
struct sg_counters {
	char name[32];		/* slot, as in /sys/bus/pci/slots */
	struct sg_counter counter[SG_COUNTERS_MAX];
	size_t count;
};

/** struct sg_takeover - a function that a later livepatch changes as well */
struct sg_takeover {
	char patch[64];
	char object[64];
	char function[128];
};

/**
 * struct sg_patch_status - all that is to be known
 * @slots: sorted by name, @nslots of them; malloc'd
 * @takeovers: functions that another livepatch took over; malloc'd
 */
struct sg_patch_status {
	enum sg_patch_state state;
	char version[32];
	struct sg_counters topology;
	struct sg_counters *slots;
	size_t nslots;
	struct sg_takeover *takeovers;
	size_t ntakeovers;
};

const char *sg_patch_state_name(enum sg_patch_state state);

/** sg_patch_state - just the state */
enum sg_patch_state sg_patch_state(const char *root);

/** sg_patch_read - fill in @ret; 0 or -ENOMEM.  Not loaded is no error. */
int sg_patch_read(const char *root, struct sg_patch_status *ret);
void sg_patch_status_deinit(struct sg_patch_status *status);

/** sg_patch_to_json - NULL without memory */
struct json_object *sg_patch_to_json(const struct sg_patch_status *status);

/** sg_patch_disable - ask the kernel to take the patch out; -EBUSY while a transition runs */
int sg_patch_disable(const char *root);

#endif
