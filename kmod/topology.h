/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The topology gate, and who is about to be removed
 *
 * The topology gate stands around the kernel's rescan/remove lock: everyone
 * who takes that lock takes the gate first, so the lock behind it is never
 * waited for.  Entering takes the lock as well.  What the gate adds is that a
 * waiter can leave: when the device whose sysfs file it is in, or the port
 * whose handler it is, is on its way out, and whoever removes it would
 * otherwise wait for the waiter (R3).
 *
 * Order: slot gate (event side), topology gate, rescan/remove lock, device
 * locks.  Removals announce themselves ("leaving") before they take any of it.
 */
#ifndef SLOTGATE_TOPOLOGY_H
#define SLOTGATE_TOPOLOGY_H

#include <linux/list.h>
#include <linux/pci.h>

struct sg_gate;

/**
 * struct sg_leave - a removal that is under way, on the stack of its task
 * @root: what is removed
 * @root_bus: or a whole root bus
 * @below_only: only what is below the bridge @root, or @root's virtual functions,
 *	not @root itself
 * @locked: its task may have the rescan/remove lock, and will want the device
 *	locks of what it removes
 */
struct sg_leave {
	struct list_head node;
	const struct pci_dev *root;
	const struct pci_bus *root_bus;
	bool below_only;
	bool locked;
};

void sg_leave_begin(struct sg_leave *leave, const struct pci_dev *root,
		    bool below_only);
void sg_leave_begin_locked(struct sg_leave *leave, const struct pci_dev *root);
void sg_leave_begin_bus(struct sg_leave *leave, const struct pci_bus *root_bus);
void sg_leave_end(struct sg_leave *leave);
bool sg_leaving(struct pci_dev *pdev);
bool sg_leaving_bus(struct pci_bus *bus);

void sg_topo_open(void);
void sg_topo_close(void);

void sg_topo_enter(void);
int sg_topo_enter_handler(struct sg_gate *gate, struct pci_dev *port);
int sg_topo_enter_file(struct pci_dev *pdev, struct pci_bus *bus);
int sg_topo_enter_device_locked(struct pci_dev *pdev);
bool sg_topo_inside(void);
unsigned int sg_topo_pause(void);
void sg_topo_resume(unsigned int depth);
void sg_topo_exit(void);

#endif
