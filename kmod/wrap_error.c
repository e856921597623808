// SPDX-License-Identifier: GPL-2.0-only
/*
 * Error recovery takes no part in any cycle: it waits for device locks and for
 * slot events with nothing held, and leaves when its port's driver is leaving
 *
 * Breaks, on all kernel lines:
 *   slot-mutex         hot-add: reset_lock -> slot mutex; recovery, and on 7.2
 *                      reset_subordinate: slot mutex -> reset_lock
 *   slot-mutex-device  recovery: slot mutex -> port's device lock; unbinding the
 *                      port, adding virtual functions: device lock -> slot mutex
 *   aer-unbind         unbinding a root port: device lock -> recovery ends;
 *                      recovery -> device lock.  The same with DPC's thread.
 *   vfio-close-any     with recovery as the resetter: device lock -> reset_lock
 *
 * The reset of recovery holds the slot mutex and then device locks while it waits.
 * Here it is done with device locks that are tried and, where there is a gate,
 * inside the gate's reset side, which keeps the slot as the mutex would.  What
 * it hands the devices to, the hot-plug driver's hook or the reset of the
 * secondary bus, is the kernel's.  A port without a gate has no hook: pciehp may
 * have been unbound from it.
 *
 * A slot event that is under way is waited for.  If it removed all devices that
 * were told of the error, the slot is not reset, and what came since hears
 * nothing more of this error.  As long as one of them is there it is reset: a
 * driver that has stopped its device waits for that.
 *
 * Safe to swap in live: a recovery that runs unpatched holds what it always
 * held, and what it collides with is as in stock.  The hook still takes
 * pciehp's reset_lock.
 */
#include <linux/delay.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/pci_hotplug.h>

#include "compat.h"
#include "error.h"
#include "gate.h"
#include "reset.h"
#include "topology.h"
#include "walk.h"
#include "wrap.h"

/**
 * struct recovery - on the stack of a task that recovers from an error
 * @node: in recoveries
 * @task: the one that does
 * @told: devices of the last walk, the task's own
 * @all_told: @told is not known, for want of memory
 * @left_out: the reset was left out, as none of @told was there any more
 */
struct recovery {
	struct list_head node;
	struct task_struct *task;
	struct list_head told;
	bool all_told;
	bool left_out;
};

/* struct unbinding - on the stack of a task that unbinds a port's driver */
struct unbinding {
	struct list_head node;
	const struct pci_dev *port;
};

/* Under sg_lock. */
static LIST_HEAD(recoveries);
static LIST_HEAD(unbindings);

/* Of the current task, or NULL; only that task itself ends it. */
static struct recovery *current_recovery(void)
{
	struct recovery *rec, *found = NULL;

	spin_lock(&sg_lock);
	list_for_each_entry(rec, &recoveries, node)
		if (rec->task == current)
			found = rec;
	spin_unlock(&sg_lock);

	return found;
}

/* sg_recovering - is the current task recovering from an error? */
bool sg_recovering(void)
{
	return current_recovery();
}

/* Is the driver of this port, or of one above it, being unbound? */
static bool port_unbinding(const struct pci_dev *port)
{
	const struct pci_dev *above;
	struct unbinding *unb;
	bool found = false;

	spin_lock(&sg_lock);
	list_for_each_entry(unb, &unbindings, node)
		for (above = port; above; above = above->bus->self)
			found |= above == unb->port;
	spin_unlock(&sg_lock);

	return found;
}

static bool was_told(const struct recovery *rec, const struct pci_dev *pdev)
{
	struct sg_collected *dev;

	list_for_each_entry(dev, &rec->told, node)
		if (dev->pdev == pdev)
			return true;
	return rec->all_told;
}

/**
 * sg_recovery_told - the current task, recovering, has called these devices' drivers
 * @devices: is left empty; NULL: all that are there
 *
 * Does not count once the reset was left out.
 */
void sg_recovery_told(struct list_head *devices)
{
	struct recovery *rec = current_recovery();

	if (!rec->left_out) {
		rec->all_told = !devices;
		sg_collect_put(&rec->told);
		if (devices)
			list_splice_init(devices, &rec->told);
	}
	if (devices)
		sg_collect_put(devices);
}

/* sg_recovery_concerns - may the current task, recovering, call this device's driver? */
bool sg_recovery_concerns(const struct pci_dev *pdev)
{
	const struct recovery *rec = current_recovery();

	return !rec->left_out || was_told(rec, pdev);
}

SG_WRAP(pci_ers_result_t, pcie_do_recovery, struct pci_dev *dev, pci_channel_state_t state,
	pci_ers_result_t (*reset)(struct pci_dev *pdev))
{
	struct recovery rec = { .task = current, .told = LIST_HEAD_INIT(rec.told) };
	pci_ers_result_t ret;

	spin_lock(&sg_lock);
	list_add(&rec.node, &recoveries);
	spin_unlock(&sg_lock);

	ret = SG_ORIGINAL(pcie_do_recovery)(dev, state, reset);

	spin_lock(&sg_lock);
	list_del(&rec.node);
	spin_unlock(&sg_lock);
	sg_collect_put(&rec.told);
	return ret;
}

static bool lock_all(struct list_head *devices)
{
	struct sg_collected *dev;

	list_for_each_entry(dev, devices, node)
		if (!sg_reset_trylock(dev->pdev))
			goto unlock;
	return true;

unlock:
	list_for_each_entry_continue_reverse(dev, devices, node)
		sg_reset_unlock(dev->pdev);
	return false;
}

static void unlock_all(struct list_head *devices)
{
	struct sg_collected *dev;

	list_for_each_entry_reverse(dev, devices, node)
		sg_reset_unlock(dev->pdev);
}

static bool may_reset(struct pci_dev *port, struct list_head *devices)
{
	struct sg_collected *dev;
	bool may = !(port->dev_flags & PCI_DEV_FLAGS_NO_BUS_RESET);

	list_for_each_entry(dev, devices, node)
		may &= !(dev->pdev->dev_flags & PCI_DEV_FLAGS_NO_BUS_RESET);
	return may;
}

/*
 * The hot-plug driver masks the events that a reset brings about.  It cannot go
 * away while the caller is inside the gate.
 */
static int reset_slot(const struct sg_gate *gate, struct pci_dev *port)
{
	struct hotplug_slot *slot = gate ? (struct hotplug_slot *)gate->hotplug : NULL;
	int ret;

	if (!slot || !slot->ops->reset_slot)
		return pci_bridge_secondary_bus_reset(port);
	if (!try_module_get(slot->owner))
		return -ENODEV;
	ret = slot->ops->reset_slot(slot, 0);
	module_put(slot->owner);
	return ret;
}

/* Inside the gate, if there is one.  -EAGAIN: a device lock is busy. */
static int reset_locked(const struct sg_gate *gate, struct pci_dev *port,
			struct list_head *devices)
{
	int ret;

	if (!may_reset(port, devices))
		return -ENOTTY;
	if (!sg_reset_trylock(port))
		return -EAGAIN;
	ret = -EAGAIN;
	if (lock_all(devices)) {
		ret = reset_slot(gate, port);
		unlock_all(devices);
	}
	sg_reset_unlock(port);
	return ret;
}

/*
 * Is one of those that were told of the error still there?  Where nobody was
 * told, nobody must have come.
 */
static bool reset_wanted(struct list_head *devices)
{
	struct recovery *rec = current_recovery();
	struct sg_collected *dev;

	if (!rec || (list_empty(&rec->told) && list_empty(devices)))
		return true;
	list_for_each_entry(dev, devices, node)
		if (was_told(rec, dev->pdev))
			return true;
	rec->left_out = true;
	return false;
}

static int reset_inside(struct sg_gate *gate, struct pci_dev *port)
{
	LIST_HEAD(devices);
	int ret;

	ret = sg_collect(port->subordinate, &devices);
	if (!ret)
		ret = reset_wanted(&devices) ? reset_locked(gate, port, &devices) : -ENODEV;
	sg_collect_put(&devices);
	return ret;
}

static bool wait_over(struct sg_gate *gate, struct pci_dev *port, struct sg_hold *hold,
		      int *ret)
{
	*ret = 0;
	if (port_unbinding(port) || sg_leaving(port) ||
	    (gate && list_empty_careful(&gate->node)))
		*ret = -ENODEV;
	return *ret || !gate || sg_gate_reset_try(gate, hold);
}

/*
 * The caller holds nothing, but somebody may wait for it who holds the port's
 * device lock.  @gate may be NULL.
 */
static int error_reset(struct sg_gate *gate, struct pci_dev *port)
{
	struct sg_hold hold;
	int ret;

	for (;;) {
		wait_event(sg_wait, wait_over(gate, port, &hold, &ret));
		if (ret)
			return ret;
		ret = reset_inside(gate, port);
		if (gate)
			sg_gate_reset_end(&hold);
		if (ret != -EAGAIN)
			return ret;
		msleep(SG_LOCK_RETRY_MS);
	}
}

SG_WRAP(int, pci_bus_error_reset, struct pci_dev *bridge)
{
	struct sg_gate *gate = sg_gate_get_bus(bridge->subordinate);
	int ret;

	if (!bridge->subordinate || (gate && sg_gate_inside(gate)))
		ret = SG_ORIGINAL(pci_bus_error_reset)(bridge);
	else
		ret = error_reset(gate, bridge);
	sg_gate_put(gate);
	return ret;
}

#if SG_HAVE_reset_subordinate_store
/*
 * On 7.2 it takes the slot mutex: with the event side shut out nobody who wants
 * that has the reset_lock.  Before, it locks the devices that it finds on the bus
 * and then unlocks those that it finds there: none may be added in between.
 */
SG_WRAP(ssize_t, reset_subordinate_store, struct device *dev,
	struct device_attribute *attr, const char *buf, size_t count)
{
	struct pci_dev *bridge = to_pci_dev(dev);
	struct sg_gate *gate = sg_gate_get_bus(bridge->subordinate);
	struct sg_hold hold;
	ssize_t ret = 0;

	if (gate)
		ret = sg_gate_reset_begin(gate, bridge, &hold);
	if (!ret) {
		ret = SG_ORIGINAL(reset_subordinate_store)(dev, attr, buf, count);
		if (gate)
			sg_gate_reset_end(&hold);
	}
	sg_gate_put(gate);
	return ret;
}
#endif

/*
 * Unbinding waits for the threads that recover from errors, and for the slot's
 * handler as soon as the first of the port's services goes: these share an
 * interrupt, and the removal of one may wait for the threads of all.
 */
static void unbinding_begin(struct unbinding *unb, struct pci_dev *port)
{
	struct sg_gate *gate = sg_gate_get_bus(port->subordinate);

	unb->port = port;
	spin_lock(&sg_lock);
	list_add(&unb->node, &unbindings);
	spin_unlock(&sg_lock);
	wake_up_all(&sg_wait);

	sg_gate_kill(gate);
	sg_gate_put(gate);
}

static void unbinding_end(struct unbinding *unb)
{
	spin_lock(&sg_lock);
	list_del(&unb->node);
	spin_unlock(&sg_lock);
}

SG_WRAP(void, pcie_portdrv_remove, struct pci_dev *port)
{
	struct unbinding unb;

	unbinding_begin(&unb, port);
	SG_ORIGINAL(pcie_portdrv_remove)(port);
	unbinding_end(&unb);
}

#if SG_HAVE_pcie_portdrv_shutdown
/* Removes the services as well, with the device lock held. */
SG_WRAP(void, pcie_portdrv_shutdown, struct pci_dev *port)
{
	struct unbinding unb;

	unbinding_begin(&unb, port);
	SG_ORIGINAL(pcie_portdrv_shutdown)(port);
	unbinding_end(&unb);
}
#endif
