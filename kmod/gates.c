// SPDX-License-Identifier: GPL-2.0-only
/*
 * The list of slot gates: one for each slot that a hot-plug driver has claimed
 */
#include <linux/slab.h>

#include "compat.h"
#include "gate.h"

LIST_HEAD(sg_gates);

/* sg_slot_bus - a virtual function sits in the slot of its physical function */
struct pci_bus *sg_slot_bus(struct pci_dev *pdev)
{
	return pci_physfn(pdev)->bus;
}

static bool gate_matches(const struct sg_gate *gate, const struct pci_bus *bus,
			 int devnr)
{
	return gate->bus == bus && (devnr < 0 || gate->devnr == devnr);
}

static struct sg_gate *gate_find(const struct pci_bus *bus, int devnr)
{
	struct sg_gate *gate;

	lockdep_assert_held(&sg_lock);
	list_for_each_entry(gate, &sg_gates, node)
		if (gate_matches(gate, bus, devnr))
			return gate;
	return NULL;
}

static struct sg_gate *gate_get(const struct pci_bus *bus, int devnr)
{
	struct sg_gate *gate;

	spin_lock(&sg_lock);
	gate = gate_find(bus, devnr);
	if (gate)
		kobject_get(&gate->kobj);
	spin_unlock(&sg_lock);

	return gate;
}

/**
 * sg_gate_get - gate of the slot that a device sits in
 * @pdev: the device, referenced by the caller
 *
 * The bus of a PCIe port has one slot for all its devices, also those whose
 * number is not 0 because of ARI.
 */
struct sg_gate *sg_gate_get(struct pci_dev *pdev)
{
	struct pci_bus *bus = sg_slot_bus(pdev);
	bool whole_bus = bus->self && pci_is_pcie(bus->self);

	return gate_get(bus, whole_bus ? -1 : PCI_SLOT(pci_physfn(pdev)->devfn));
}

/* sg_gate_get_bus - gate of the slot that is on @bus, for ports with one slot */
struct sg_gate *sg_gate_get_bus(const struct pci_bus *bus)
{
	return bus ? gate_get(bus, -1) : NULL;
}

/* sg_gate_get_hotplug - gate of a slot as its hot-plug driver knows it */
struct sg_gate *sg_gate_get_hotplug(const struct hotplug_slot *hotplug)
{
	struct sg_gate *gate, *found = NULL;

	spin_lock(&sg_lock);
	list_for_each_entry(gate, &sg_gates, node)
		if (gate->hotplug == hotplug) {
			kobject_get(&gate->kobj);
			found = gate;
			break;
		}
	spin_unlock(&sg_lock);

	return found;
}

/* sg_gate_get_slot - gate of a slot that may be gone already: NULL then */
struct sg_gate *sg_gate_get_slot(const struct pci_slot *slot)
{
	struct sg_gate *gate, *found = NULL;

	spin_lock(&sg_lock);
	list_for_each_entry(gate, &sg_gates, node)
		if (gate->slot == slot) {
			kobject_get(&gate->kobj);
			found = gate;
			break;
		}
	spin_unlock(&sg_lock);

	return found;
}

void sg_gate_put(struct sg_gate *gate)
{
	if (gate)
		kobject_put(&gate->kobj);
}

static bool gate_insert(struct sg_gate *gate)
{
	struct sg_gate *old;

	gate->seen = true;
	spin_lock(&sg_lock);
	old = gate_find(gate->bus, gate->devnr);
	if (old)
		old->seen = true;
	else
		list_add_tail(&gate->node, &sg_gates);
	spin_unlock(&sg_lock);

	return !old;
}

/**
 * sg_gate_create - make the gate of a slot, unless it is there
 * @slot: a slot that a hot-plug driver has claimed, referenced by the caller
 *
 * Returns 0 or -ENOMEM.
 */
int sg_gate_create(struct pci_slot *slot)
{
	struct sg_gate *gate = kzalloc(sizeof(*gate), GFP_KERNEL);
	int ret;

	if (!gate)
		return -ENOMEM;

	kobject_init(&gate->kobj, &sg_gate_ktype);
	INIT_LIST_HEAD(&gate->node);
	gate->hotplug = slot->hotplug;
	gate->slot = slot;
	gate->devnr = slot->number;
	gate->bus = slot->bus;
	get_device(&gate->bus->dev);

	if (!gate_insert(gate)) {
		sg_gate_put(gate);
		return 0;
	}

	ret = kobject_add(&gate->kobj, sg_slots_kobj, "%s", pci_slot_name(slot));
	if (ret)
		sg_gate_destroy(gate);
	return ret;
}

/**
 * sg_gate_destroy - forget a gate
 * @gate: a gate, or NULL; the list's reference is dropped if it is in there
 */
void sg_gate_destroy(struct sg_gate *gate)
{
	bool listed;

	if (!gate)
		return;

	spin_lock(&sg_lock);
	listed = !list_empty(&gate->node);
	list_del_init(&gate->node);
	spin_unlock(&sg_lock);
	if (!listed)
		return;
	wake_up_all(&sg_wait);

	/* Not there if adding it is what failed. */
	if (gate->kobj.state_in_sysfs)
		kobject_del(&gate->kobj);
	sg_gate_put(gate);
}

/* First claimed slot behind @after in the kernel's list, with a reference. */
static struct pci_slot *next_slot(struct pci_slot *after)
{
	struct kobject *kobj;
	struct pci_slot *found = NULL;
	bool passed = !after;

	spin_lock(&pci_slots_kset->list_lock);
	list_for_each_entry(kobj, &pci_slots_kset->list, entry) {
		struct pci_slot *slot = container_of(kobj, struct pci_slot, kobj);

		if (passed && slot->hotplug && kobject_get_unless_zero(kobj)) {
			found = slot;
			break;
		}
		passed |= slot == after;
	}
	spin_unlock(&pci_slots_kset->list_lock);

	return found;
}

static void forget_seen(void)
{
	struct sg_gate *gate;

	spin_lock(&sg_lock);
	list_for_each_entry(gate, &sg_gates, node)
		gate->seen = false;
	spin_unlock(&sg_lock);
}

/* A gate that the last scan did not find, with a reference. */
static struct sg_gate *get_unseen(void)
{
	struct sg_gate *gate, *unseen = NULL;

	spin_lock(&sg_lock);
	list_for_each_entry(gate, &sg_gates, node)
		if (!gate->seen && !gate->dying) {
			kobject_get(&gate->kobj);
			unseen = gate;
			break;
		}
	spin_unlock(&sg_lock);

	return unseen;
}

/**
 * sg_gates_scan - make gates for the slots that exist, and only for these
 *
 * Slots come and go by __pci_hp_initialize() and pci_hp_destroy(), but for
 * those that did while a task still ran these unpatched.
 */
int sg_gates_scan(void)
{
	struct pci_slot *slot, *next;
	struct sg_gate *stale;
	int ret = 0;

	forget_seen();
	slot = next_slot(NULL);
	while (slot) {
		if (!ret)
			ret = sg_gate_create(slot);
		next = next_slot(slot);
		/* Drops the reference under the PCI core's own slot mutex. */
		pci_destroy_slot(slot);
		slot = next;
	}
	while (!ret && (stale = get_unseen())) {
		sg_gate_destroy(stale);
		sg_gate_put(stale);
	}
	return ret;
}

/* The gates' users are gone: the module is being unloaded. */
void sg_gates_destroy(void)
{
	while (!list_empty(&sg_gates))
		sg_gate_destroy(list_first_entry(&sg_gates, struct sg_gate, node));
}
