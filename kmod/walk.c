// SPDX-License-Identifier: GPL-2.0-only
/*
 * Walks of error recovery hold nothing while they work on a device
 *
 * Breaks, on all kernel lines, aer-sriov and what else comes of recovery waiting
 * for a device lock, or for a lock of a driver (vfio-igate, on 6.1),
 * with the bus list semaphore held: whoever holds that lock must not wait for
 * the semaphore, as writer or behind one.
 *
 * pci_walk_bus() calls back with the semaphore held.  For a task that recovers
 * from an error it collects first and calls back then; what it calls takes the
 * device lock and looks for a driver, which a device that was removed meanwhile
 * has not.
 *
 * Safe to swap in live: everybody else is passed on.
 */
#include <linux/slab.h>

#include "error.h"
#include "walk.h"
#include "wrap.h"

SG_WRAP_DECLARE(void, pci_walk_bus, struct pci_bus *top,
		int (*cb)(struct pci_dev *pdev, void *data), void *userdata);

struct collection {
	struct list_head *devices;
	int ret;
};

/*
 * Called with the bus list semaphore held: only collects.  Memory must not be
 * made free by I/O to the very drives that are in error.
 */
static int collect(struct pci_dev *pdev, void *data)
{
	struct collection *col = data;
	struct sg_collected *dev = kmalloc(sizeof(*dev), GFP_NOIO);

	if (!dev) {
		col->ret = -ENOMEM;
		return col->ret;
	}
	dev->pdev = pci_dev_get(pdev);
	list_add_tail(&dev->node, col->devices);
	return 0;
}

/**
 * sg_collect - all devices on a bus and below
 * @top: the bus
 * @devices: gets them, bridges before what is below them, each with a reference
 *
 * For wrappers: calls the original.  Returns 0, or -ENOMEM and leaves the list
 * empty.
 */
int sg_collect(struct pci_bus *top, struct list_head *devices)
{
	struct collection col = { .devices = devices };

	SG_ORIGINAL(pci_walk_bus)(top, collect, &col);
	if (col.ret)
		sg_collect_put(devices);
	return col.ret;
}

/* sg_collect_put - empty such a list */
void sg_collect_put(struct list_head *devices)
{
	struct sg_collected *dev, *next;

	list_for_each_entry_safe(dev, next, devices, node) {
		list_del(&dev->node);
		pci_dev_put(dev->pdev);
		kfree(dev);
	}
}

/* Without memory it is as in stock. */
void sg_pci_walk_bus(struct pci_bus *top, int (*cb)(struct pci_dev *pdev, void *data),
		     void *userdata)
{
	struct sg_collected *dev;
	LIST_HEAD(devices);

	if (!sg_recovering()) {
		SG_ORIGINAL(pci_walk_bus)(top, cb, userdata);
		return;
	}
	if (sg_collect(top, &devices)) {
		sg_recovery_told(NULL);
		SG_ORIGINAL(pci_walk_bus)(top, cb, userdata);
		return;
	}
	list_for_each_entry(dev, &devices, node)
		if (sg_recovery_concerns(dev->pdev) && cb(dev->pdev, userdata))
			break;
	sg_recovery_told(&devices);
}
