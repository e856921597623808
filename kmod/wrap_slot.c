// SPDX-License-Identifier: GPL-2.0-only
/*
 * Gates come and go with the slots that a hot-plug driver claims
 *
 * Breaks reset-hook-unbind, on all kernel lines: a reset, or somebody who asks
 * whether one would work, has picked the driver's hook while pciehp is unbound,
 * and goes on to use what that frees.
 *
 * The gate is there before the driver can have events or be asked for a reset,
 * and stays until nobody can reach the driver any more (R7).  Who only asks does
 * not enter it, as events need not keep him out, but has to be awaited as well.
 *
 * Safe to swap in live: a task that asks unpatched is as safe as it was.
 */
#include <linux/pci.h>
#include <linux/pci_hotplug.h>

#include "compat.h"
#include "gate.h"
#include "wrap.h"

SG_WRAP(int, __pci_hp_initialize, struct hotplug_slot *slot, struct pci_bus *bus,
	int devnr, const char *name, struct module *owner, const char *mod_name)
{
	int ret;

	ret = SG_ORIGINAL(__pci_hp_initialize)(slot, bus, devnr, name, owner, mod_name);
	if (ret)
		return ret;

	ret = sg_gate_create(slot->pci_slot);
	if (ret)
		pci_hp_destroy(slot);
	return ret;
}

SG_WRAP(void, pci_hp_destroy, struct hotplug_slot *slot)
{
	struct sg_gate *gate = sg_gate_get_hotplug(slot);

	sg_gate_kill(gate);
	SG_ORIGINAL(pci_hp_destroy)(slot);
	sg_gate_destroy(gate);
	sg_gate_put(gate);
}

/*
 * vfio asks for the slot of a device as it was when it looked: the slot may be
 * gone.  One that no hot-plug driver has (any more) cannot be reset.
 */
SG_WRAP(int, pci_probe_reset_slot, struct pci_slot *slot)
{
	struct sg_hold hold;
	int ret;

	if (!sg_pin_begin_slot(slot, &hold))
		return -ENOTTY;
	ret = SG_ORIGINAL(pci_probe_reset_slot)(slot);
	sg_pin_end(&hold);
	return ret;
}

#if SG_HAVE_reset_method_store
/* Asks each method whether it would work.  In sysfs since v5.15 (d88f521da3ef). */
SG_WRAP(ssize_t, reset_method_store, struct device *dev,
	struct device_attribute *attr, const char *buf, size_t count)
{
	struct sg_hold hold;
	ssize_t ret;

	if (!sg_pin_begin(to_pci_dev(dev), &hold))
		return -EAGAIN;
	ret = SG_ORIGINAL(reset_method_store)(dev, attr, buf, count);
	sg_pin_end(&hold);
	return ret;
}
#endif
