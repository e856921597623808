// SPDX-License-Identifier: GPL-2.0-only
/*
 * The topology gate, and who is about to be removed
 *
 * Safe to swap in live: the kernel's own lock stays behind the gate and
 * excludes patched and unpatched tasks alike.
 */
#include <linux/sched/signal.h>

#include "gate.h"
#include "sriov.h"
#include "topology.h"
#include "trace.h"
#include "wrap.h"

SG_WRAP_DECLARE(void, pci_lock_rescan_remove, void);
SG_WRAP_DECLARE(void, pci_unlock_rescan_remove, void);

static LIST_HEAD(sg_leaves);

/**
 * struct topo - the topology gate
 * @owner: task inside, which has the rescan/remove lock or is about to take it
 * @depth: how often it entered: a wrapped operation enters, and the lock
 *	function that it calls enters again
 * @by_operation: @owner entered in a wrapped operation, which is on its stack
 *	until it leaves, and not in the lock function, which is not
 * @closed: the patch is being taken out: nobody enters or waits any more
 *
 * Under sg_lock.
 */
static struct topo {
	struct task_struct *owner;
	unsigned int depth;
	bool by_operation;
	bool closed;
} topo;

/*
 * struct topo_claim - who waits, and what lets it leave: that @pdev or @bus is
 * leaving, and, if there is a @gate, that it is dying as well; or that whoever
 * is inside waits for the device lock of @locked, which the waiter holds.  All
 * members may be NULL: such a waiter stays.
 */
struct topo_claim {
	struct sg_gate *gate;
	struct pci_dev *pdev;
	struct pci_bus *bus;
	struct pci_dev *locked;
};

static void leave_add(struct sg_leave *leave)
{
	spin_lock(&sg_lock);
	list_add(&leave->node, &sg_leaves);
	spin_unlock(&sg_lock);
	wake_up_all(&sg_wait);
}

void sg_leave_begin(struct sg_leave *leave, const struct pci_dev *root,
		    bool below_only)
{
	*leave = (struct sg_leave){ .root = root, .below_only = below_only };
	leave_add(leave);
}

/* sg_leave_begin_locked - the same, with the rescan/remove lock held */
void sg_leave_begin_locked(struct sg_leave *leave, const struct pci_dev *root)
{
	*leave = (struct sg_leave){ .root = root, .locked = true };
	leave_add(leave);
}

/* sg_leave_begin_bus - all of a host bridge, with or without the lock */
void sg_leave_begin_bus(struct sg_leave *leave, const struct pci_bus *root_bus)
{
	*leave = (struct sg_leave){ .root_bus = root_bus, .locked = true };
	leave_add(leave);
}

void sg_leave_end(struct sg_leave *leave)
{
	spin_lock(&sg_lock);
	list_del(&leave->node);
	spin_unlock(&sg_lock);
}

/* The bus itself, or one above it, hangs on what is removed. */
static bool bus_is_below(struct pci_bus *bus, const struct sg_leave *leave)
{
	for (; bus; bus = bus->parent)
		if (leave->root ? bus->self == leave->root : bus == leave->root_bus)
			return true;
	return false;
}

/* A virtual function leaves with its physical function, or before it. */
static bool leave_covers(const struct sg_leave *leave, struct pci_dev *pdev)
{
	if (pdev == leave->root)
		return !leave->below_only;
	return pci_physfn(pdev) == leave->root || bus_is_below(pdev->bus, leave);
}

/**
 * sg_leaving - is this device about to be removed?
 * @pdev: the device, referenced by the caller
 */
bool sg_leaving(struct pci_dev *pdev)
{
	struct sg_leave *leave;
	bool leaving = false;

	/* a look at one moment, with the lock or without */
	if (list_empty(&sg_leaves))
		return false;
	spin_lock(&sg_lock);
	list_for_each_entry(leave, &sg_leaves, node)
		leaving |= leave_covers(leave, pdev);
	spin_unlock(&sg_lock);

	return leaving;
}

/*
 * Does somebody with the rescan/remove lock wait for this device's lock, or will
 * it?  A removal whose caller took the lock and unbound nothing before, or a
 * writer of sriov_numvfs, who then lends the gate.
 */
static bool insider_wants(struct pci_dev *pdev)
{
	struct sg_leave *leave;
	bool wants;

	spin_lock(&sg_lock);
	wants = topo.owner && sg_numvfs_borrow(topo.owner, pdev);
	list_for_each_entry(leave, &sg_leaves, node)
		wants |= leave->locked && leave_covers(leave, pdev);
	spin_unlock(&sg_lock);

	return wants;
}

/**
 * sg_leaving_bus - is this bus about to be removed?
 * @bus: the bus, referenced by the caller
 *
 * A removal of what is below a port leaves the port its bus.
 */
bool sg_leaving_bus(struct pci_bus *bus)
{
	struct sg_leave *leave;
	bool leaving = false;

	spin_lock(&sg_lock);
	list_for_each_entry(leave, &sg_leaves, node)
		leaving |= bus_is_below(leave->below_only ? bus->parent : bus, leave);
	spin_unlock(&sg_lock);

	return leaving;
}

void sg_topo_open(void)
{
	spin_lock(&sg_lock);
	topo.closed = false;
	spin_unlock(&sg_lock);
}

/**
 * sg_topo_close - let everybody through, to the kernel's own lock
 *
 * A task inside that entered in the lock function may already have been
 * switched to the unpatched unlock function, and never tell us that it left:
 * it is forgotten here, and whichever unlock function it calls just unlocks.
 * One that entered in a wrapped operation cannot have been switched.
 */
void sg_topo_close(void)
{
	spin_lock(&sg_lock);
	topo.closed = true;
	if (!topo.by_operation) {
		topo.owner = NULL;
		topo.depth = 0;
	}
	spin_unlock(&sg_lock);
	wake_up_all(&sg_wait);
}

enum entry {
	ENTRY_BUSY,
	ENTRY_FIRST,	/* has to take the rescan/remove lock */
	ENTRY_NESTED,	/* has it */
	ENTRY_CLOSED,	/* the gate is out of use */
};

static enum entry topo_try(bool by_operation)
{
	enum entry entry = ENTRY_BUSY;

	spin_lock(&sg_lock);
	if (topo.owner == current) {
		entry = ENTRY_NESTED;
		topo.depth++;
	} else if (topo.closed) {
		entry = ENTRY_CLOSED;
	} else if (!topo.owner) {
		entry = ENTRY_FIRST;
		topo.owner = current;
		topo.depth = 1;
		topo.by_operation = by_operation;
	}
	spin_unlock(&sg_lock);

	return entry;
}

static bool gate_is_dying(struct sg_gate *gate)
{
	bool dying;

	spin_lock(&sg_lock);
	dying = gate->dying;
	spin_unlock(&sg_lock);

	return dying;
}

static bool claim_is_void(const struct topo_claim *claim)
{
	if (claim->gate && !gate_is_dying(claim->gate))
		return false;
	if (claim->locked && insider_wants(claim->locked))
		return true;
	return (claim->pdev && sg_leaving(claim->pdev)) ||
	       (claim->bus && sg_leaving_bus(claim->bus));
}

static bool wait_over(const struct topo_claim *claim, enum entry *entry, int *ret)
{
	*ret = 0;
	if (claim_is_void(claim))
		*ret = -ENODEV;
	else
		*entry = topo_try(true);
	return *ret || *entry != ENTRY_BUSY;
}

static void count_left(struct sg_gate *gate)
{
	sg_count(NULL, SG_LEFT);
	if (gate)
		sg_count(gate, SG_LEFT);
}

static int topo_wait(const struct topo_claim *claim, bool killable,
		     enum entry *entry)
{
	ktime_t since = ktime_get();
	int ret = 0, killed = 0;

	sg_trace_topology_wait(0);
	if (killable)
		killed = wait_event_killable(sg_wait, wait_over(claim, entry, &ret));
	else
		wait_event(sg_wait, wait_over(claim, entry, &ret));

	sg_count_wait(NULL, since);
	if (claim->gate)
		sg_count_wait(claim->gate, since);
	return killed ? -EINTR : ret;
}

static int topo_enter(const struct topo_claim *claim, bool killable)
{
	enum entry entry = ENTRY_BUSY;
	int ret = 0;

	might_sleep();
	if (!wait_over(claim, &entry, &ret))
		ret = topo_wait(claim, killable, &entry);
	if (ret)
		count_left(claim->gate);
	else if (entry == ENTRY_FIRST)
		SG_ORIGINAL(pci_lock_rescan_remove)();
	sg_trace_topology_enter(ret);
	return ret;
}

/**
 * sg_topo_enter - enter, and take the rescan/remove lock
 *
 * For operations that no removal waits for.  What they call may take the lock
 * again.
 */
void sg_topo_enter(void)
{
	const struct topo_claim claim = { };

	topo_enter(&claim, false);
}

/**
 * sg_topo_enter_handler - enter, as the handler of a slot
 * @gate: the slot's gate
 * @port: the slot's port
 *
 * Returns 0, or -ENODEV when @port is being removed and the removal has come to
 * pciehp, for whose handler it waits: it takes care of what is in the slot.
 * Where pciehp alone is unbound, its handler stays and does its work.
 */
int sg_topo_enter_handler(struct sg_gate *gate, struct pci_dev *port)
{
	const struct topo_claim claim = { .gate = gate, .pdev = port };

	return topo_enter(&claim, false);
}

/**
 * sg_topo_enter_file - enter, from inside a sysfs file
 * @pdev: device that the file belongs to, or NULL
 * @bus: bus that the file belongs to, or NULL
 *
 * Returns 0, -ENODEV when the device or bus is about to be removed, whose
 * removal waits for the file, or -EINTR if killed.
 */
int sg_topo_enter_file(struct pci_dev *pdev, struct pci_bus *bus)
{
	const struct topo_claim claim = { .pdev = pdev, .bus = bus };

	return topo_enter(&claim, true);
}

/**
 * sg_topo_enter_device_locked - enter, with the lock of a device held
 * @pdev: the device
 *
 * For the unbinding of a physical function, whose driver takes its virtual
 * functions off the bus.  Returns 0, or -ENODEV when who is inside waits for the
 * device lock: then the caller goes on without, as a stock kernel does, or has
 * borrowed the gate of a writer of sriov_numvfs, see there.
 */
int sg_topo_enter_device_locked(struct pci_dev *pdev)
{
	const struct topo_claim claim = { .locked = pdev };

	return topo_enter(&claim, false);
}

bool sg_topo_inside(void)
{
	bool inside;

	spin_lock(&sg_lock);
	inside = topo.owner == current;
	spin_unlock(&sg_lock);

	return inside;
}

/**
 * sg_topo_pause - step outside for a while, on all levels
 *
 * For an operation that took the lock early and has changed nothing under it
 * yet.  Returns how deep the caller was inside, for sg_topo_resume(); 0 if it
 * was not, and then nothing was done.
 */
unsigned int sg_topo_pause(void)
{
	unsigned int depth = 0;

	spin_lock(&sg_lock);
	if (topo.owner == current) {
		depth = topo.depth;
		topo.owner = NULL;
		topo.depth = 0;
	}
	spin_unlock(&sg_lock);
	if (!depth)
		return 0;

	SG_ORIGINAL(pci_unlock_rescan_remove)();
	wake_up_all(&sg_wait);
	return depth;
}

static bool resume_try(unsigned int depth)
{
	bool entered;

	spin_lock(&sg_lock);
	entered = !topo.owner;
	if (entered) {
		topo.owner = current;
		topo.depth = depth;
		topo.by_operation = true;
	}
	spin_unlock(&sg_lock);

	return entered;
}

/* sg_topo_resume - also into a closed gate: the caller is still to leave it */
void sg_topo_resume(unsigned int depth)
{
	wait_event(sg_wait, resume_try(depth));
	SG_ORIGINAL(pci_lock_rescan_remove)();
}

/* Leave one level; true if it was the last and the lock has to be given back. */
static bool topo_leave(bool *mine)
{
	bool out;

	spin_lock(&sg_lock);
	*mine = topo.owner == current;
	out = *mine && !--topo.depth;
	if (out)
		topo.owner = NULL;
	spin_unlock(&sg_lock);

	return out;
}

/* sg_topo_exit - leave; does nothing if the gate was closed on entry */
void sg_topo_exit(void)
{
	bool mine;

	if (!topo_leave(&mine))
		return;
	SG_ORIGINAL(pci_unlock_rescan_remove)();
	wake_up_all(&sg_wait);
}

/* Callers that we do not know enter here, with whatever they hold. */
void sg_pci_lock_rescan_remove(void)
{
	enum entry entry = topo_try(false);

	if (entry == ENTRY_BUSY)
		wait_event(sg_wait, (entry = topo_try(false)) != ENTRY_BUSY);
	if (entry != ENTRY_NESTED)
		SG_ORIGINAL(pci_lock_rescan_remove)();
}

/* A caller who is not inside took the lock unpatched, or was forgotten. */
void sg_pci_unlock_rescan_remove(void)
{
	bool mine, out = topo_leave(&mine);

	if (out || !mine)
		SG_ORIGINAL(pci_unlock_rescan_remove)();
	if (out)
		wake_up_all(&sg_wait);
}
