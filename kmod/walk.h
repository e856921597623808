/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Devices to work on when the bus list semaphore is not held any more
 */
#ifndef SLOTGATE_WALK_H
#define SLOTGATE_WALK_H

#include <linux/list.h>
#include <linux/pci.h>

/* struct sg_collected - one device, referenced */
struct sg_collected {
	struct list_head node;
	struct pci_dev *pdev;
};

int sg_collect(struct pci_bus *top, struct list_head *devices);
void sg_collect_put(struct list_head *devices);

#endif
