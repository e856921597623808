// SPDX-License-Identifier: GPL-2.0-only
/*
 * Early unbind: drivers go before the topology gate is taken
 *
 * Cycle: handler of slot b holds the rescan/remove lock and b's device lock
 * and waits for the process that owns b; everything else waits for it
 * (vfio-close, vfio-freeze).  A driver that is unbound first, with nothing
 * held but its own device lock, makes nobody wait but the one who removes it,
 * and removals in several slots wait for their owners at the same time (R4).
 *
 * Seen on all kernel lines.  Safe to swap in live: unbinding a driver ahead of
 * a removal is what "unbind" in sysfs does at any time; the removal that
 * follows finds the device without driver.  Between the two the device accepts
 * no driver: it is announced as leaving, see wrap_probe.c.
 *
 * Left to the removal itself: bridges, whose drivers take part in the removal.
 *
 * A physical function's driver may take the virtual functions off the bus, which
 * wrap_sriov.c brings under the topology gate, or leave them behind.  Then they
 * outlive their physical function, and the next rescan stumbles over them
 * (orphan-vfs, on all kernel lines): here they are removed before it is.
 */
#include <linux/slab.h>

#include "gate.h"
#include "topology.h"
#include "trace.h"
#include "unbind.h"

struct candidate {
	struct list_head node;
	struct pci_dev *pdev;
};

struct collection {
	struct pci_dev *root;
	bool below_only;
	struct list_head candidates;
	struct sg_gate *gate;	/* of the slot, or NULL */
};

static bool in_subtree(const struct pci_dev *pdev, const struct collection *col)
{
	struct pci_bus *bus;

	if (pdev == col->root)
		return !col->below_only;
	for (bus = pdev->bus; bus; bus = bus->parent)
		if (bus->self == col->root)
			return true;
	return false;
}

static bool is_leaf(const struct pci_dev *pdev)
{
	return pdev->hdr_type == PCI_HEADER_TYPE_NORMAL && !pdev->subordinate;
}

/*
 * Called by pci_walk_bus() with the bus list semaphore held: only collects.
 * Devices found later come first in the list: virtual functions before their
 * physical function, as in the kernel's own removal.
 */
static int collect(struct pci_dev *pdev, void *data)
{
	struct collection *col = data;
	struct candidate *cand;

	if (!is_leaf(pdev) || !in_subtree(pdev, col))
		return 0;

	/* Without memory this one is unbound by the removal itself. */
	cand = kmalloc(sizeof(*cand), GFP_KERNEL);
	if (!cand)
		return 0;
	cand->pdev = pci_dev_get(pdev);
	list_add(&cand->node, &col->candidates);
	return 0;
}

static void unbind_one(struct sg_gate *gate, struct pci_dev *pdev)
{
	if (!READ_ONCE(pdev->dev.driver))
		return;

	sg_trace_early_unbind_begin(&pdev->dev);
	device_release_driver(&pdev->dev);
	sg_trace_early_unbind_end(&pdev->dev);
	sg_count(gate, SG_UNBOUND_EARLY);
}

/**
 * sg_unbind_functions - unbind the drivers of a device's virtual functions
 * @pdev: the physical function; the caller may hold its device lock, no other
 *
 * They may be on buses of their own, which pci_walk_bus() does not come to.
 */
void sg_unbind_functions(struct pci_dev *pdev)
{
	struct sg_gate *gate = sg_gate_get(pdev);
	struct pci_dev *function = NULL;

	for_each_pci_dev(function)
		if (function->is_virtfn && pci_physfn(function) == pdev)
			unbind_one(gate, function);
	sg_gate_put(gate);
}

static int enter_gate(const struct collection *col)
{
	if (col->below_only)
		return sg_topo_enter_handler(col->gate, col->root);
	sg_topo_enter();
	return 0;
}

/*
 * What the driver left.  Who removes the port above, if he makes the handler
 * leave, has done this.
 */
static void remove_functions(const struct collection *col, struct pci_dev *pdev)
{
	if (!pci_num_vf(pdev) || enter_gate(col))
		return;

	pci_lock_rescan_remove();
	if (device_is_registered(&pdev->dev))
		pci_disable_sriov(pdev);
	pci_unlock_rescan_remove();
	sg_topo_exit();
}

static void unbind_collection(struct collection *col)
{
	struct candidate *cand, *next;

	list_for_each_entry_safe(cand, next, &col->candidates, node) {
		if (pci_num_vf(cand->pdev))
			sg_unbind_functions(cand->pdev);
		unbind_one(col->gate, cand->pdev);
		remove_functions(col, cand->pdev);
		pci_dev_put(cand->pdev);
		list_del(&cand->node);
		kfree(cand);
	}
}

/**
 * sg_unbind_below - unbind the drivers of all devices below a port
 * @gate: gate of the port's slot, or NULL
 * @bridge: the port
 *
 * Waits for the devices' owners.  The caller may hold the slot gate (event
 * side), but no PCI lock and no device lock.
 */
void sg_unbind_below(struct sg_gate *gate, struct pci_dev *bridge)
{
	struct collection col = {
		.gate = gate,
		.root = bridge,
		.below_only = true,
		.candidates = LIST_HEAD_INIT(col.candidates),
	};

	pci_walk_bus(bridge->subordinate, collect, &col);
	unbind_collection(&col);
}

/**
 * sg_unbind_subtree - unbind the drivers of a device and all below it
 * @root: the device, referenced by the caller
 *
 * As sg_unbind_below().  Walks the bus that @root is on, because @root's own
 * may be going away under another removal.
 */
void sg_unbind_subtree(struct pci_dev *root)
{
	struct collection col = {
		.gate = sg_gate_get(root),
		.root = root,
		.candidates = LIST_HEAD_INIT(col.candidates),
	};

	pci_walk_bus(root->bus, collect, &col);
	unbind_collection(&col);
	sg_gate_put(col.gate);
}
