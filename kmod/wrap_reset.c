// SPDX-License-Identifier: GPL-2.0-only
/*
 * Resets go through the slot gate
 *
 * Breaks the resetter's part of vfio-close and vfio-close-any, on all kernel
 * lines: it holds the device lock and waits, in the reset hook, for the
 * handler's reset_lock.
 *
 * Three forms.  Blocking: pci_reset_function(), whose caller holds nothing.
 * Try: callers that expect -EAGAIN.  Locked: the caller has the device lock,
 * so the gate is only tried.  The hook itself tries as well, so that no way to
 * it is left out.  Nobody waits for a device lock inside a gate (R2).
 *
 * Safe to swap in live: a task that resets unpatched is in no gate, and waits
 * for reset_lock as it did.
 */
#include <linux/delay.h>
#include <linux/pci.h>
#include <linux/pci_hotplug.h>
#include <linux/sched/signal.h>

#include "absent.h"
#include "compat.h"
#include "debt.h"
#include "gate.h"
#include "reset.h"
#include "topology.h"
#include "trace.h"
#include "wrap.h"

SG_WRAP_DECLARE(int, pci_reset_function, struct pci_dev *pdev);
SG_WRAP_DECLARE(int, pci_try_reset_function, struct pci_dev *pdev);
SG_WRAP_DECLARE(int, pci_reset_function_locked, struct pci_dev *pdev);
SG_WRAP_DECLARE(int, __pci_reset_function_locked, struct pci_dev *pdev);

static int original_locked(struct pci_dev *pdev)
{
	return SG_ORIGINAL(pci_reset_function_locked)(pdev);
}

static int refuse(struct sg_gate *gate, struct pci_dev *pdev, bool whole_slot)
{
	sg_count(gate, SG_REFUSED);
	sg_trace_reset_refused(gate);
	if (pdev)
		sg_debt_refused(pdev, whole_slot);
	return -EAGAIN;
}

/*
 * Enter the gate or find that there is no need to.  0: go on; the gate, if it
 * was entered, is in @hold.  -EAGAIN: refused.  The hook knows no device: its
 * caller has seen to it that the slot stays.
 */
static int enter_try(struct sg_gate *gate, struct pci_dev *pdev, bool whole_slot,
		     struct sg_hold *hold)
{
	*hold = (struct sg_hold){ .gate = NULL };
	if (!gate)
		return !pdev || sg_pin_begin(pdev, hold) ? 0 : -EAGAIN;
	if (sg_gate_reset_try(gate, hold))
		return 0;
	return refuse(gate, pdev, whole_slot);
}

static void leave(struct sg_hold *hold)
{
	if (hold->gate)
		sg_gate_reset_end(hold);
	else if (hold->bus)
		sg_pin_end(hold);
}

/* Settled at once: who pays debts asks with the device locked, as it still may be here. */
static __always_inline int reset_settled(struct pci_dev *pdev,
					 int (*reset)(struct pci_dev *pdev))
{
	int ret = reset(pdev);

	if (!ret)
		sg_debt_settle(pdev);
	return ret;
}

static int reset_outermost(struct pci_dev *pdev, int (*reset)(struct pci_dev *pdev))
{
	struct sg_gate *gate = sg_gate_get(pdev);
	struct sg_hold hold;
	int ret;

	ret = sg_absent(pdev) ? -ENOTTY : enter_try(gate, pdev, false, &hold);
	if (!ret) {
		hold.pdev = pdev;
		ret = reset_settled(pdev, reset);
		leave(&hold);
	}
	sg_gate_put(gate);
	return ret;
}

/*
 * The forms for a single function have one shape; @reset is the original.  They
 * lie inside each other, and the outermost has seen to everything before.
 */
static __always_inline int reset_inside(struct pci_dev *pdev,
					int (*reset)(struct pci_dev *pdev))
{
	sg_release_tried();
	return sg_resetting(pdev) ? reset_settled(pdev, reset) :
				    reset_outermost(pdev, reset);
}

static struct pci_dev *bridge_to_lock(struct pci_dev *pdev)
{
	return SG_RESET_LOCKS_BRIDGE ? pci_upstream_bridge(pdev) : NULL;
}

/* sg_reset_trylock - device lock and config access, as every reset holds them */
bool sg_reset_trylock(struct pci_dev *pdev)
{
	if (!device_trylock(&pdev->dev))
		return false;
	if (pci_cfg_access_trylock(pdev))
		return true;
	device_unlock(&pdev->dev);
	return false;
}

void sg_reset_unlock(struct pci_dev *pdev)
{
	pci_cfg_access_unlock(pdev);
	device_unlock(&pdev->dev);
}

static int reset_try(struct pci_dev *pdev, bool (*may)(struct pci_dev *pdev),
		     int (*reset)(struct pci_dev *pdev))
{
	struct pci_dev *bridge = bridge_to_lock(pdev);
	int ret = -EAGAIN;

	if (bridge && !sg_reset_trylock(bridge))
		return ret;
	if (sg_reset_trylock(pdev)) {
		if (!may || may(pdev))
			ret = reset(pdev);
		sg_reset_unlock(pdev);
	}
	if (bridge)
		sg_reset_unlock(bridge);
	return ret;
}

/**
 * sg_reset_try - what pci_reset_function() does, if no lock is busy
 * @pdev: the device; the caller is inside its gate
 * @may: asked with the locks held whether it may be reset; NULL if the caller knows
 *
 * Returns 0, the error of the reset, or -EAGAIN.
 */
int sg_reset_try(struct pci_dev *pdev, bool (*may)(struct pci_dev *pdev))
{
	return reset_try(pdev, may, pci_reset_function_locked);
}

/*
 * Without a gate there are no slot events to keep away from, but what is true
 * of device locks is true here as well.
 */
static int reset_gateless(struct pci_dev *pdev)
{
	return sg_leaving(pdev) ? -ENODEV : sg_reset_try(pdev, NULL);
}

static int reset_through(struct sg_gate *gate, struct pci_dev *pdev)
{
	struct sg_hold hold;
	int ret = sg_gate_reset_begin(gate, pdev, &hold);

	if (ret)
		return ret;
	/* the slot's handler, or a reset within a reset: as stock */
	if (!hold.gate)
		return SG_ORIGINAL(pci_reset_function)(pdev);
	hold.pdev = pdev;
	ret = reset_try(pdev, NULL, original_locked);
	sg_gate_reset_end(&hold);
	return ret;
}

/* Slots come and go while we wait, and their gates with them. */
static int reset_once(struct pci_dev *pdev)
{
	struct sg_gate *gate;
	int ret;

	/* before the gate: a handler must not wait for this */
	if (sg_absent(pdev))
		return -ENOTTY;
	gate = sg_gate_get(pdev);
	ret = gate ? reset_through(gate, pdev) : reset_gateless(pdev);
	sg_gate_put(gate);
	return ret;
}

int sg_pci_reset_function(struct pci_dev *pdev)
{
	int ret;

	while ((ret = reset_once(pdev)) == -EAGAIN)
		if (schedule_timeout_killable(msecs_to_jiffies(SG_LOCK_RETRY_MS)) &&
		    fatal_signal_pending(current))
			return -EINTR;
	if (!ret)
		sg_debt_settle(pdev);
	return ret;
}

static int original_try(struct pci_dev *pdev)
{
	int ret = SG_ORIGINAL(pci_try_reset_function)(pdev);

	/*
	 * The next owner resets the device before it uses it.  One that cannot
	 * be reset alone may still be owed the reset of the whole slot.
	 */
	if (ret == -ENOTTY && sg_debt_owed(pdev) && sg_debt_pay(pdev))
		return -EAGAIN;
	return ret;
}

int sg_pci_try_reset_function(struct pci_dev *pdev)
{
	return reset_inside(pdev, original_try);
}

int sg_pci_reset_function_locked(struct pci_dev *pdev)
{
	return reset_inside(pdev, original_locked);
}

static int original_bare(struct pci_dev *pdev)
{
	return SG_ORIGINAL(__pci_reset_function_locked)(pdev);
}

int sg___pci_reset_function_locked(struct pci_dev *pdev)
{
	return reset_inside(pdev, original_bare);
}

/* Takes the locks of all devices of the slot or bus, trying only. */
SG_WRAP(int, pci_reset_bus, struct pci_dev *pdev)
{
	struct sg_gate *gate = sg_gate_get(pdev);
	struct sg_hold hold;
	int ret;

	ret = sg_absent(pdev) ? -ENOTTY : enter_try(gate, pdev, true, &hold);
	if (!ret) {
		ret = SG_ORIGINAL(pci_reset_bus)(pdev);
		if (!ret) {
			sg_debt_settle_all(pdev);
			sg_release_tried();
		}
		leave(&hold);
	}
	sg_gate_put(gate);
	return ret;
}

SG_WRAP(int, pciehp_reset_slot, struct hotplug_slot *slot, sg_probe_t probe)
{
	struct sg_gate *gate;
	struct sg_hold hold;
	int ret;

	if (probe)
		return SG_ORIGINAL(pciehp_reset_slot)(slot, probe);

	gate = sg_gate_get_hotplug(slot);
	/* The next method of a reset whose device went during the last one. */
	if (gate && gate->bus->self && sg_slot_absent(gate->bus->self))
		ret = -ENOTTY;
	else
		ret = enter_try(gate, NULL, true, &hold);
	if (!ret) {
		ret = SG_ORIGINAL(pciehp_reset_slot)(slot, probe);
		leave(&hold);
	}
	sg_gate_put(gate);
	return ret;
}
