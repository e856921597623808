// SPDX-License-Identifier: GPL-2.0-only
/*
 * topology.c - the topology gate, and who is about to be removed
 */
#include <linux/sched/signal.h>

#include "gate.h"
#include "topology.h"
#include "trace.h"

static LIST_HEAD(sg_leaves);

/**
 * struct topo - the topology gate
 * @owner: task inside
 * @depth: how often it entered: a wrapped operation enters, and the lock
 *	function that it calls enters again
 * @closed: the patch is being taken out: nobody waits any more
 *
 * Under sg_lock.
 */
static struct {
	struct task_struct *owner;
	unsigned int depth;
	bool closed;
} topo;

/*
 * struct topo_claim - who waits, and what lets it leave: that @pdev or @bus is
 * leaving, and, if there is a @gate, that it is dying as well.  All members may
 * be NULL: such a waiter stays.
 */
struct topo_claim {
	struct sg_gate *gate;
	struct pci_dev *pdev;
	struct pci_bus *bus;
};

void sg_leave_begin(struct sg_leave *leave, const struct pci_dev *root,
		    bool below_only)
{
	leave->root = root;
	leave->below_only = below_only;
	spin_lock(&sg_lock);
	list_add(&leave->node, &sg_leaves);
	spin_unlock(&sg_lock);
	wake_up_all(&sg_wait);
}

void sg_leave_end(struct sg_leave *leave)
{
	spin_lock(&sg_lock);
	list_del(&leave->node);
	spin_unlock(&sg_lock);
}

static bool bus_is_below(struct pci_bus *bus, const struct pci_dev *root)
{
	for (; bus; bus = bus->parent)
		if (bus->self == root)
			return true;
	return false;
}

/**
 * sg_leaving - is this device about to be removed?
 * @pdev: the device, referenced by the caller
 */
bool sg_leaving(struct pci_dev *pdev)
{
	struct sg_leave *leave;
	bool leaving = false;

	spin_lock(&sg_lock);
	list_for_each_entry(leave, &sg_leaves, node)
		leaving |= (pdev == leave->root && !leave->below_only) ||
			   bus_is_below(pdev->bus, leave->root);
	spin_unlock(&sg_lock);

	return leaving;
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
		leaving |= bus_is_below(leave->below_only ? bus->parent : bus,
					leave->root);
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
 * sg_topo_close - let everybody through
 *
 * When the patch is taken out, the task inside may already have been switched
 * to the unpatched pci_unlock_rescan_remove() and never tell us that it left.
 * The kernel's own lock goes on to exclude.
 */
void sg_topo_close(void)
{
	spin_lock(&sg_lock);
	topo.closed = true;
	topo.owner = NULL;
	topo.depth = 0;
	spin_unlock(&sg_lock);
	wake_up_all(&sg_wait);
}

static bool topo_try(void)
{
	bool entered;

	spin_lock(&sg_lock);
	entered = topo.closed || !topo.owner || topo.owner == current;
	if (entered && !topo.closed) {
		topo.owner = current;
		topo.depth++;
	}
	spin_unlock(&sg_lock);

	return entered;
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
	return (claim->pdev && sg_leaving(claim->pdev)) ||
	       (claim->bus && sg_leaving_bus(claim->bus));
}

static bool wait_over(const struct topo_claim *claim, int *ret)
{
	if (claim_is_void(claim))
		*ret = -ENODEV;
	else if (topo_try())
		*ret = 0;
	else
		return false;
	return true;
}

static void count_left(struct sg_gate *gate)
{
	sg_count(NULL, SG_LEFT);
	if (gate)
		sg_count(gate, SG_LEFT);
}

static int topo_enter(const struct topo_claim *claim, bool killable)
{
	ktime_t since;
	int ret = 0;

	might_sleep();
	if (!wait_over(claim, &ret)) {
		sg_trace_topology_wait(0);
		since = ktime_get();
		if (!killable)
			wait_event(sg_wait, wait_over(claim, &ret));
		else if (wait_event_killable(sg_wait, wait_over(claim, &ret)))
			ret = -EINTR;
		sg_count_wait(NULL, since);
		if (claim->gate)
			sg_count_wait(claim->gate, since);
	}
	if (ret)
		count_left(claim->gate);
	sg_trace_topology_enter(ret);
	return ret;
}

/* sg_topo_enter - enter; for callers whom no removal waits for */
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

/* Does nothing when the gate was closed in the meantime. */
void sg_topo_exit(void)
{
	bool out;

	spin_lock(&sg_lock);
	out = topo.owner == current && !--topo.depth;
	if (out)
		topo.owner = NULL;
	spin_unlock(&sg_lock);

	if (out)
		wake_up_all(&sg_wait);
}
