/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * names.h - what an object is called, read from the object itself
 */
#ifndef BPF_NAMES_H
#define BPF_NAMES_H

#include "state.h"

enum { PATH_DEPTH = 12 };

extern const void device_ktype __ksym __weak;
extern const void pci_bus_type __ksym __weak;
extern const void pcie_port_bus_type __ksym __weak;
extern const void pciehp_ist __ksym __weak;

/* Both offsets are the running kernel's. */
#define OUTER(type, member, address) ((u64)(address) - bpf_core_field_offset(struct type, member))

/* The device whose lock is at @lock, or 0. */
static __always_inline u64 device_of_lock(u64 lock)
{
	struct device *dev = (void *)OUTER(device, mutex, lock);

	if (BPF_CORE_READ(dev, kobj.ktype) != &device_ktype)
		return 0;
	return (u64)dev;
}

static __always_inline u64 device_of_pci(u64 pci_dev)
{
	return pci_dev + bpf_core_field_offset(struct pci_dev, dev);
}

static __always_inline bool is_pci(u64 device)
{
	const void *bus = BPF_CORE_READ((struct device *)device, bus);

	return bus && (bus == &pci_bus_type || bus == &pcie_port_bus_type);
}

/* "0000:03:00.0"; of other buses with the bus as well. */
static __always_inline void name_device(struct rec_event *event, u64 device)
{
	struct device *dev = (void *)device;
	const char *name = BPF_CORE_READ(dev, kobj.name);

	event_name(event, name);
	if (!is_pci(device)) {
		name = BPF_CORE_READ(dev, bus, name);
		bpf_probe_read_kernel_str(event->folder, sizeof(event->folder), name);
		if (!event->folder[0])
			event->folder[0] = '-';
	}
}

static __always_inline struct kernfs_node *parent_of(struct kernfs_node *node)
{
	struct kernfs_node___new *other = (void *)node;

	if (bpf_core_field_exists(node->parent))
		return BPF_CORE_READ(node, parent);
	return BPF_CORE_READ(other, __parent);
}

static __always_inline void name_node(struct rec_event *event, struct kernfs_node *node)
{
	struct kernfs_node *parent = parent_of(node);
	const char *name = BPF_CORE_READ(node, name);

	event_name(event, name);
	name = BPF_CORE_READ(parent, name);
	bpf_probe_read_kernel_str(event->folder, sizeof(event->folder), name);
}

static __always_inline bool starts_pci(const char *name)
{
	char text[4] = "";

	bpf_probe_read_kernel_str(text, sizeof(text), name);
	return text[0] == 'p' && text[1] == 'c' && text[2] == 'i';
}

/* Below /sys/devices/pci* or /sys/bus/pci*: the second folder from the top tells. */
static __always_inline bool node_is_pci(struct kernfs_node *node)
{
	struct kernfs_node *below = NULL, *second = NULL, *parent;

	for (int i = 0; i < PATH_DEPTH; i++) {
		parent = parent_of(node);
		if (!parent)
			break;
		second = below;
		below = node;
		node = parent;
	}
	return second && starts_pci(BPF_CORE_READ(second, name));
}

static __always_inline void name_slot(struct rec_event *event, struct controller *ctrl)
{
	struct pci_slot *slot = BPF_CORE_READ(ctrl, hotplug_slot.pci_slot);
	const char *name = BPF_CORE_READ(slot, kobj.name);

	event_name(event, name);
}

#endif
