/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The slot gate: the reset lock that belongs to a slot
 *
 * A gate has two sides.  Either the hot-plug driver's handler is inside, acting
 * on slot events, or resets are, never both.  Several resets may be inside at
 * once (two virtual functions, say): device locks and pciehp's own reset_lock
 * keep those apart where they have to be, and refusing one for the sake of the
 * other would be an error that stock kernels do not have.
 *
 * A handler that waits goes before resets that come later, so that its wait is
 * bounded by the hardware time of the resets already inside (R2).  Resets wait
 * only where they hold no lock, and leave when their device is being removed.
 *
 * Locking: every member below "state" is protected by sg_lock.  sg_lock is a
 * leaf: nothing is called and no other lock is taken under it.  All waiters of
 * the module, for gates and for the topology gate, sleep on sg_wait; there are
 * few of them, and hot-plug is rare enough to wake all.
 */
#ifndef SLOTGATE_GATE_H
#define SLOTGATE_GATE_H

#include <linux/kobject.h>
#include <linux/list.h>
#include <linux/pci.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include "stats.h"

extern spinlock_t sg_lock;
extern wait_queue_head_t sg_wait;
extern struct list_head sg_gates;	/* all there are, under sg_lock */

/**
 * struct sg_gate - gate of one hot-plug slot
 * @kobj: reference count and folder /sys/kernel/slotgate/slots/NAME
 * @node: link in the list of gates, under sg_lock
 * @hotplug: the slot as its hot-plug driver knows it; identity only, never
 *	followed but by its handler: the driver may have freed it
 * @slot: the slot as the PCI core knows it; identity only
 * @bus: bus that the slot is on, referenced
 * @devnr: device number on @bus
 * @handler: task that handles a slot event inside the gate
 * @busy_since: when it went in
 * @handlers_waiting: handlers that wait for resets to end
 * @resets: resets inside the gate
 * @dying: the hot-plug driver is being torn down: no reset enters any more,
 *	and if its port goes as well, its handler leaves the topology gate
 * @empty: nothing was in the slot for as long as it takes to be sure, and its
 *	handler was not there since, see absent.c
 * @seen: found by the scan that runs
 * @stats: what happened here, for sysfs
 */
struct sg_gate {
	struct kobject kobj;
	struct list_head node;
	const struct hotplug_slot *hotplug;
	const struct pci_slot *slot;
	struct pci_bus *bus;
	unsigned int devnr;

	/* state */
	struct task_struct *handler;
	ktime_t busy_since;
	unsigned int handlers_waiting;
	unsigned int resets;
	bool dying;
	bool empty;
	bool seen;
	struct sg_stats stats;
};

/**
 * struct sg_hold - somebody who may follow pointers to a slot and its hot-plug
 *	driver, on the stack of his task
 * @gate: gate that a reset is inside of, NULL for others
 * @bus: bus of the slot
 * @pdev: device that was there when its reset began, for resets within that one;
 *	for @task alone
 *
 * While there is one for a bus, the hot-plug drivers of its slots are not torn
 * down (R7).  A reset's tells the reset hook, further down the same stack, that
 * its caller is inside.
 */
struct sg_hold {
	struct list_head node;
	struct task_struct *task;
	struct sg_gate *gate;
	const struct pci_bus *bus;
	const struct pci_dev *pdev;
};

struct pci_bus *sg_slot_bus(struct pci_dev *pdev);

/* Lookups return a reference, or NULL: a device without slot has no gate. */
struct sg_gate *sg_gate_get(struct pci_dev *pdev);
struct sg_gate *sg_gate_get_bus(const struct pci_bus *bus);
struct sg_gate *sg_gate_get_hotplug(const struct hotplug_slot *hotplug);
struct sg_gate *sg_gate_get_slot(const struct pci_slot *slot);
void sg_gate_put(struct sg_gate *gate);

int sg_gate_create(struct pci_slot *slot);
void sg_gate_kill(struct sg_gate *gate);
void sg_gate_destroy(struct sg_gate *gate);
int sg_gates_scan(void);
void sg_gates_destroy(void);

void sg_gate_event_begin(struct sg_gate *gate);
void sg_gate_event_end(struct sg_gate *gate);
bool sg_gate_event_mine(struct sg_gate *gate);

int sg_gate_reset_begin(struct sg_gate *gate, struct pci_dev *pdev,
			struct sg_hold *hold);
bool sg_gate_reset_try(struct sg_gate *gate, struct sg_hold *hold);
void sg_gate_reset_end(struct sg_hold *hold);
bool sg_gate_inside(struct sg_gate *gate);
bool sg_resetting(const struct pci_dev *pdev);

bool sg_pin_begin(struct pci_dev *pdev, struct sg_hold *hold);
bool sg_pin_begin_slot(const struct pci_slot *slot, struct sg_hold *hold);
void sg_pin_end(struct sg_hold *hold);

static inline const char *sg_gate_name(const struct sg_gate *gate)
{
	return kobject_name(&gate->kobj);
}

#endif
