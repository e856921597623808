// SPDX-License-Identifier: GPL-2.0-only
/*
 * No driver gets a device that is owed a reset (R6), or is about to be removed
 *
 * The second is for early unbind: what was unbound stays so until it is gone.
 * A driver that was just being bound has the device lock, which early unbind
 * waits for.
 *
 * Safe to swap in live: without debts and removals it does nothing.
 */
#include "debt.h"
#include "topology.h"
#include "wrap.h"

/* Called by the driver core with the device lock held. */
SG_WRAP(int, pci_device_probe, struct device *dev)
{
	struct pci_dev *pdev = to_pci_dev(dev);
	int ret = sg_leaving(pdev) ? -ENODEV : sg_debt_probe(pdev);

	return ret ?: SG_ORIGINAL(pci_device_probe)(dev);
}
