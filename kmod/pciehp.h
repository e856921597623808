/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reaching into pciehp's private structures
 *
 * Offsets are those of the target kernel's BTF, checked again at load.
 */
#ifndef SLOTGATE_PCIEHP_H
#define SLOTGATE_PCIEHP_H

#include <linux/pci.h>
#include <linux/pci_hotplug.h>
#include <linux/rwsem.h>

#include "layout_generated.h"

struct controller;
struct pcie_device;

#define SG_MEMBER(pointer, type, member, result) \
	((result *)((char *)(pointer) + SG_OFFSET_##type##_##member))

static inline struct pci_dev *pcie_device_port(struct pcie_device *dev)
{
	return *SG_MEMBER(dev, pcie_device, port, struct pci_dev *);
}

static inline struct pci_dev *controller_port(struct controller *ctrl)
{
	return pcie_device_port(*SG_MEMBER(ctrl, controller, pcie,
					   struct pcie_device *));
}

static inline struct hotplug_slot *controller_slot(struct controller *ctrl)
{
	return SG_MEMBER(ctrl, controller, hotplug_slot, struct hotplug_slot);
}

/* pciehp's own lock around slot status, taken by handler and reset hook. */
static inline void controller_reset_lock_shared(struct controller *ctrl)
{
	down_read_nested(SG_MEMBER(ctrl, controller, reset_lock, struct rw_semaphore),
			 *SG_MEMBER(ctrl, controller, depth, unsigned int));
}

static inline void controller_reset_unlock_shared(struct controller *ctrl)
{
	up_read(SG_MEMBER(ctrl, controller, reset_lock, struct rw_semaphore));
}

/* Does the driver of @slot, or a reset of it, have that lock? */
static inline bool hotplug_reset_locked(const struct hotplug_slot *slot)
{
	char *ctrl = (char *)slot - SG_OFFSET_controller_hotplug_slot;

	return rwsem_is_locked(SG_MEMBER(ctrl, controller, reset_lock,
					 struct rw_semaphore));
}

#endif
