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
 * Left to the removal itself: bridges, whose drivers take part in the removal,
 * and physical functions with virtual functions switched on, whose driver
 * removes those from the bus, which is safe under the rescan/remove lock only.
 */
#include <linux/slab.h>

#include "gate.h"
#include "unbind.h"
#include "trace.h"

struct candidate {
	struct list_head node;
	struct pci_dev *pdev;
};

struct collection {
	const struct pci_dev *root;
	bool below_only;
	struct list_head candidates;
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
	if (pci_num_vf(pdev) || !READ_ONCE(pdev->dev.driver))
		return;

	sg_trace_early_unbind_begin(&pdev->dev);
	device_release_driver(&pdev->dev);
	sg_trace_early_unbind_end(&pdev->dev);
	sg_count(gate, SG_UNBOUND_EARLY);
}

static void unbind_collection(struct sg_gate *gate, struct collection *col)
{
	struct candidate *cand, *next;

	list_for_each_entry_safe(cand, next, &col->candidates, node) {
		unbind_one(gate, cand->pdev);
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
		.root = bridge,
		.below_only = true,
		.candidates = LIST_HEAD_INIT(col.candidates),
	};

	pci_walk_bus(bridge->subordinate, collect, &col);
	unbind_collection(gate, &col);
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
		.root = root,
		.candidates = LIST_HEAD_INIT(col.candidates),
	};
	struct sg_gate *gate = sg_gate_get(root);

	pci_walk_bus(root->bus, collect, &col);
	unbind_collection(gate, &col);
	sg_gate_put(gate);
}
