// SPDX-License-Identifier: GPL-2.0-only
/*
 * The handler of slot events goes through the gates
 *
 * Breaks, on all kernel lines:
 *   vfio-close    handler a: reset_lock(a) -> rescan/remove; handler b:
 *                 rescan/remove, device b -> owner; owner: device a ->
 *                 reset_lock(a)
 *   nested-ports  handler of a switch's slot: rescan/remove -> end of the
 *                 handler below it -> rescan/remove
 *   vfio-freeze   no cycle; owners are waited for under rescan/remove
 *
 * Safe to swap in live: a handler that runs unpatched is in no gate and is
 * what it was.  A reset let in beside it meets pciehp's own reset_lock, which
 * the originals keep taking.  Mixing both is never worse than stock.
 */
#include <linux/interrupt.h>

#include "debt.h"
#include "gate.h"
#include "pciehp.h"
#include "topology.h"
#include "unbind.h"
#include "wrap.h"

SG_WRAP(irqreturn_t, pciehp_ist, int irq, void *dev_id)
{
	struct sg_gate *gate = sg_gate_get_hotplug(controller_slot(dev_id));
	irqreturn_t ret;

	if (!gate)
		return SG_ORIGINAL(pciehp_ist)(irq, dev_id);

	sg_gate_event_begin(gate);
	ret = SG_ORIGINAL(pciehp_ist)(irq, dev_id);
	sg_gate_event_end(gate);
	sg_debt_kick();

	sg_gate_put(gate);
	return ret;
}

/*
 * Our caller holds reset_lock.  It is given back before anything is waited
 * for, as the original does around its own binding and unbinding, and taken
 * again inside the topology gate, where only a reset of an unpatched task can
 * be in the way: hardware time.  So reset_lock is always taken under the
 * rescan/remove lock, never the other way round as in stock kernels, which
 * lockdep reports there.
 */
static int handler_enter(struct controller *ctrl, struct sg_gate *gate)
{
	int ret = sg_topo_enter_handler(gate, controller_port(ctrl));

	controller_reset_lock_shared(ctrl);
	return ret;
}

/*
 * Nothing new below a port that is on its way out.
 */
SG_WRAP(int, pciehp_configure_device, struct controller *ctrl)
{
	struct sg_gate *gate = sg_gate_get_hotplug(controller_slot(ctrl));
	int ret;

	controller_reset_unlock_shared(ctrl);
	ret = handler_enter(ctrl, gate);
	if (!ret) {
		ret = sg_leaving(controller_port(ctrl)) ? -ENODEV :
		      SG_ORIGINAL(pciehp_configure_device)(ctrl);
		sg_topo_exit();
	}

	sg_gate_put(gate);
	return ret;
}

/*
 * As the original does a moment later: drivers must not wait for a dead device.
 * But nvme leaves a command of a device in this state alone when its time is
 * over, as somebody else is to end it: nvme_remove(), which waits for that very
 * command if it began before (nvme-pull).  Whoever unbinds a driver has
 * the device lock; then the time-out ends what it waits for.
 */
static int set_disconnected(struct pci_dev *pdev, void *data)
{
	if (!device_trylock(&pdev->dev))
		return 0;
	xchg(&pdev->error_state, pci_channel_io_perm_failure);
	device_unlock(&pdev->dev);
	return 0;
}

/*
 * The handler leaves without having removed anything if its port is being
 * removed: who does that removes what is below it.
 */
SG_WRAP(void, pciehp_unconfigure_device, struct controller *ctrl, bool presence)
{
	struct sg_gate *gate = sg_gate_get_hotplug(controller_slot(ctrl));
	struct pci_dev *port = controller_port(ctrl);
	struct sg_leave leave;

	sg_leave_begin(&leave, port, true);
	controller_reset_unlock_shared(ctrl);
	if (!presence)
		pci_walk_bus(port->subordinate, set_disconnected, NULL);
	sg_unbind_below(gate, port);

	if (!handler_enter(ctrl, gate)) {
		SG_ORIGINAL(pciehp_unconfigure_device)(ctrl, presence);
		/* What a rescan finds again from here on is not leaving. */
		sg_leave_end(&leave);
		sg_topo_exit();
		sg_count(gate, SG_REMOVALS);
	} else {
		/* The power goes next, the devices only later. */
		pci_walk_bus(port->subordinate, set_disconnected, NULL);
		sg_leave_end(&leave);
	}
	sg_gate_put(gate);
}

/*
 * The original waits for the files of the slot, whose writers wait for the
 * handler, and for the handler itself.  Killing the gate lets the handler out.
 */
SG_WRAP(void, pciehp_remove, struct pcie_device *dev)
{
	struct sg_gate *gate = sg_gate_get_bus(pcie_device_port(dev)->subordinate);

	sg_gate_kill(gate);
	SG_ORIGINAL(pciehp_remove)(dev);
	sg_gate_put(gate);
}

/*
 * Drivers may reset their device while they are bound.  All that the handler
 * does after binding is to set the slot's indicators: it gives the gate back
 * here, and need not wait for it again with the rescan/remove lock held.
 *
 * Kernels without f5eff5591b8f (2023) bind drivers with reset_lock held, which a
 * reset would take with the device lock held (abba-2020): they keep the gate.
 */
SG_WRAP(void, pci_bus_add_devices, const struct pci_bus *bus)
{
	struct sg_gate *gate = sg_gate_get_bus(bus);

	if (gate && sg_gate_event_mine(gate) && !hotplug_reset_locked(gate->hotplug))
		sg_gate_event_end(gate);
	sg_gate_put(gate);
	SG_ORIGINAL(pci_bus_add_devices)(bus);
}
