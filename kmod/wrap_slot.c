// SPDX-License-Identifier: GPL-2.0-only
/*
 * Gates come and go with the slots that a hot-plug driver claims
 *
 * The gate is there before the driver can have events or be asked for a reset,
 * and stays until no reset can reach the driver any more (R7).
 */
#include <linux/pci.h>
#include <linux/pci_hotplug.h>

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
