// SPDX-License-Identifier: GPL-2.0-only
/*
 * No driver gets a device that is owed a reset (R6)
 *
 * Safe to swap in live: without debts it does nothing.
 */
#include "debt.h"
#include "wrap.h"

/* Called by the driver core with the device lock held. */
SG_WRAP(int, pci_device_probe, struct device *dev)
{
	int ret = sg_debt_probe(to_pci_dev(dev));

	return ret ?: SG_ORIGINAL(pci_device_probe)(dev);
}
