/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counters, and where to read them
 *
 * /sys/kernel/slotgate/slots/NAME/ and /sys/kernel/slotgate/topology/ have one
 * file for each counter.  Counts since the module was loaded; waits in
 * milliseconds.
 */
#ifndef SLOTGATE_STATS_H
#define SLOTGATE_STATS_H

#include <linux/kobject.h>
#include <linux/ktime.h>

enum sg_stat {
	SG_EVENTS,		/* slot events handled */
	SG_RESETS,		/* resets that were let in */
	SG_REFUSED,		/* resets answered with -EAGAIN: an event was under way */
	SG_WAITED,		/* resets and events that had to wait for the gate */
	SG_DEFERRED,		/* refused resets of a released device, still owed then */
	SG_PAID,		/* owed resets done later */
	SG_REMOVALS,		/* slots emptied */
	SG_UNBOUND_EARLY,	/* drivers unbound before the topology gate */
	SG_LEFT,		/* waits for the topology gate given up */
	SG_LONGEST_WAIT,	/* longest wait for either gate, ms */
	SG_BUSY,		/* how long the handler has been at work, ms; no count */
	SG_NSTATS,
};

/* struct sg_stats - the counters, under sg_lock */
struct sg_stats {
	unsigned long value[SG_NSTATS];
};

struct sg_gate;

extern struct sg_stats sg_topo_stats;

void sg_count(struct sg_gate *gate, enum sg_stat stat);
void sg_count_wait(struct sg_gate *gate, ktime_t since);

int sg_stats_init(void);
void sg_stats_exit(void);

/* The type of a gate's folder; its release function frees the gate. */
extern struct kobj_type sg_gate_ktype;
extern struct kobject *sg_slots_kobj;

#endif
