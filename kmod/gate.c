// SPDX-License-Identifier: GPL-2.0-only
/*
 * The two sides of a slot gate, and who else keeps its hot-plug driver
 */
#include <linux/sched/signal.h>

#include "compat.h"
#include "gate.h"
#include "topology.h"
#include "trace.h"

DEFINE_SPINLOCK(sg_lock);
DECLARE_WAIT_QUEUE_HEAD(sg_wait);

static LIST_HEAD(sg_holds);

static void hold_add(struct sg_hold *hold, struct sg_gate *gate,
		     const struct pci_bus *bus)
{
	lockdep_assert_held(&sg_lock);
	hold->task = current;
	hold->gate = gate;
	hold->bus = bus;
	hold->pdev = NULL;
	list_add(&hold->node, &sg_holds);
}

/* Those who are inside the gate, and those who came before there was one. */
static bool holds_done(struct sg_gate *gate)
{
	struct sg_hold *hold;
	bool done = true;

	spin_lock(&sg_lock);
	list_for_each_entry(hold, &sg_holds, node)
		done &= hold->bus != gate->bus;
	spin_unlock(&sg_lock);

	return done;
}

/**
 * sg_gate_kill - the hot-plug driver of a slot is being torn down
 * @gate: its gate, or NULL
 *
 * From here on no reset enters and nobody else follows pointers to the slot, its
 * handler gives up waiting for the topology gate, and on return nobody does any
 * more, so that the driver may free what the reset hook uses (R7).  The wait is
 * not for the handler, only for resets, which wait for hardware only (R2), and
 * for those who wait for nothing: the caller may hold device locks and the
 * topology gate.
 */
void sg_gate_kill(struct sg_gate *gate)
{
	if (!gate)
		return;

	sg_trace_gate_dying(gate);
	spin_lock(&sg_lock);
	gate->dying = true;
	spin_unlock(&sg_lock);
	wake_up_all(&sg_wait);

	wait_event(sg_wait, holds_done(gate));
}

/* Hardly ever does anybody wait. */
static void wake_waiters(void)
{
	if (wq_has_sleeper(&sg_wait))
		wake_up_all(&sg_wait);
}

static bool event_try(struct sg_gate *gate, bool *waiting)
{
	bool entered;

	spin_lock(&sg_lock);
	entered = !gate->resets && !gate->handler;
	if (entered) {
		gate->handler = current;
		gate->busy_since = ktime_get();
	}
	gate->handlers_waiting += !entered - *waiting;
	*waiting = !entered;
	spin_unlock(&sg_lock);

	return entered;
}

/**
 * sg_gate_event_begin - the slot's handler starts to act on events
 * @gate: its gate
 *
 * Waits for the resets inside, which wait for hardware only.  The caller holds
 * no lock (R1).
 */
void sg_gate_event_begin(struct sg_gate *gate)
{
	bool waiting = false;
	ktime_t since;

	might_sleep();
	if (!event_try(gate, &waiting)) {
		since = ktime_get();
		wait_event(sg_wait, event_try(gate, &waiting));
		sg_count_wait(gate, since);
	}
	sg_count(gate, SG_EVENTS);
	sg_trace_event_begin(gate);
}

/**
 * sg_gate_event_end - the slot's handler is done
 * @gate: its gate
 *
 * Does nothing if the caller is not the handler (any more): the gate is given
 * back early where drivers are bound, see wrap_pciehp.c.
 */
void sg_gate_event_end(struct sg_gate *gate)
{
	bool mine;

	spin_lock(&sg_lock);
	mine = gate->handler == current;
	if (mine) {
		gate->handler = NULL;
		gate->empty = false;
	}
	spin_unlock(&sg_lock);
	if (!mine)
		return;

	sg_trace_event_end(gate);
	wake_up_all(&sg_wait);
}

/* sg_gate_event_mine - is the caller the handler inside? */
bool sg_gate_event_mine(struct sg_gate *gate)
{
	bool mine;

	spin_lock(&sg_lock);
	mine = gate->handler == current;
	spin_unlock(&sg_lock);

	return mine;
}

/* Further up its stack it entered for a reset, or it is the handler. */
static bool is_inside(const struct sg_gate *gate)
{
	struct sg_hold *hold;

	lockdep_assert_held(&sg_lock);
	if (gate->handler == current)
		return true;
	list_for_each_entry(hold, &sg_holds, node)
		if (hold->task == current && hold->gate == gate)
			return true;
	return false;
}

static bool lets_in(const struct sg_gate *gate)
{
	return !gate->handler && !gate->handlers_waiting && !gate->dying;
}

/**
 * sg_gate_reset_try - enter the gate for a reset, without waiting
 * @gate: gate of the device
 * @hold: to be given to sg_gate_reset_end() when true is returned; its @gate is
 *	NULL if the caller was inside already
 */
bool sg_gate_reset_try(struct sg_gate *gate, struct sg_hold *hold)
{
	bool entered = false, inside;

	hold->gate = NULL;
	spin_lock(&sg_lock);
	inside = is_inside(gate);
	if (!inside && lets_in(gate)) {
		entered = true;
		gate->resets++;
		gate->stats.value[SG_RESETS]++;
		hold_add(hold, gate, gate->bus);
	}
	spin_unlock(&sg_lock);

	if (entered)
		sg_trace_reset_begin(gate);
	return entered || inside;
}

static bool reset_wait_over(struct sg_gate *gate, struct pci_dev *pdev,
			    struct sg_hold *hold, int *ret)
{
	if (sg_leaving(pdev) && !sg_gate_inside(gate))
		*ret = -ENODEV;
	else if (list_empty_careful(&gate->node))
		*ret = -EAGAIN;
	else if (sg_gate_reset_try(gate, hold))
		*ret = 0;
	else
		return false;
	return true;
}

/**
 * sg_gate_reset_begin - enter the gate for a reset, waiting for events to end
 * @gate: gate of the device
 * @pdev: the device
 * @hold: to be given to sg_gate_reset_end() when 0 is returned
 *
 * The caller holds no PCI or device lock.  It may be inside a sysfs file of
 * the device: the wait ends when the device is about to be removed, and can be
 * killed.
 *
 * Returns 0, -ENODEV if the device is being removed, -EAGAIN if the gate is
 * gone, -EINTR if killed.
 */
int sg_gate_reset_begin(struct sg_gate *gate, struct pci_dev *pdev,
			struct sg_hold *hold)
{
	ktime_t since;
	int ret = 0, killed;

	might_sleep();
	if (reset_wait_over(gate, pdev, hold, &ret))
		return ret;

	since = ktime_get();
	killed = wait_event_killable(sg_wait,
				     reset_wait_over(gate, pdev, hold, &ret));
	sg_count_wait(gate, since);
	return killed ? -EINTR : ret;
}

void sg_gate_reset_end(struct sg_hold *hold)
{
	if (!hold->gate)
		return;
	sg_trace_reset_end(hold->gate);
	spin_lock(&sg_lock);
	list_del(&hold->node);
	hold->gate->resets--;
	spin_unlock(&sg_lock);
	wake_waiters();
}

/**
 * sg_gate_inside - may the caller reset devices of this slot as it is?
 * @gate: the slot's gate
 *
 * True if the caller entered the gate for a reset further up its stack, or is
 * the slot's handler itself: drivers that reset their device while they are
 * unbound may go on to do so.
 */
bool sg_gate_inside(struct sg_gate *gate)
{
	bool inside;

	spin_lock(&sg_lock);
	inside = is_inside(gate);
	spin_unlock(&sg_lock);

	return inside;
}

/**
 * sg_resetting - is the caller resetting this very device, further up its stack?
 * @pdev: the device
 *
 * Then it is known to have been there, and who could be in the way is kept away.
 */
bool sg_resetting(const struct pci_dev *pdev)
{
	struct sg_hold *hold;
	bool found = false;

	spin_lock(&sg_lock);
	list_for_each_entry(hold, &sg_holds, node)
		found |= hold->task == current && hold->pdev == pdev;
	spin_unlock(&sg_lock);

	return found;
}

/* A reset that is inside, or the handler, keeps the driver by itself already. */
static bool pin_try(const struct pci_bus *bus, struct sg_hold *pin)
{
	bool dying = false, inside = false;
	struct sg_hold *hold;
	struct sg_gate *gate;

	lockdep_assert_held(&sg_lock);
	list_for_each_entry(gate, &sg_gates, node)
		if (gate->bus == bus) {
			dying |= gate->dying;
			inside |= gate->handler == current;
		}
	list_for_each_entry(hold, &sg_holds, node)
		inside |= hold->task == current && hold->bus == bus;
	if (dying && !inside)
		return false;
	hold_add(pin, NULL, bus);
	return true;
}

/**
 * sg_pin_begin - keep the hot-plug driver of a device's slot from being torn down
 * @pdev: the device, referenced by the caller
 * @hold: to be given to sg_pin_end() when true is returned
 *
 * For whoever only looks at the slot, and for resets of a slot that has no gate
 * (yet): the slot may get its driver, and lose it again, before they are done.
 * Until sg_pin_end() the caller waits for hardware only, as inside a gate.
 *
 * Returns false if it is being torn down.
 */
bool sg_pin_begin(struct pci_dev *pdev, struct sg_hold *hold)
{
	bool pinned;

	spin_lock(&sg_lock);
	pinned = pin_try(sg_slot_bus(pdev), hold);
	spin_unlock(&sg_lock);

	return pinned;
}

/**
 * sg_pin_begin_slot - the same for a slot, which may be gone already
 * @slot: where it was
 * @hold: as above
 *
 * Returns false also if no hot-plug driver has this slot.
 */
bool sg_pin_begin_slot(const struct pci_slot *slot, struct sg_hold *hold)
{
	struct sg_gate *gate = sg_gate_get_slot(slot);
	bool pinned = false;

	spin_lock(&sg_lock);
	if (gate && !list_empty(&gate->node))
		pinned = pin_try(gate->bus, hold);
	spin_unlock(&sg_lock);

	sg_gate_put(gate);
	return pinned;
}

void sg_pin_end(struct sg_hold *hold)
{
	spin_lock(&sg_lock);
	list_del(&hold->node);
	spin_unlock(&sg_lock);
	wake_waiters();
}
