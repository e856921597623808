/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What resets share: the locks that they hold, and only try
 */
#ifndef SLOTGATE_RESET_H
#define SLOTGATE_RESET_H

#include <linux/pci.h>

/* Who found a device lock busy comes back after this time. */
#define SG_LOCK_RETRY_MS	20

bool sg_reset_trylock(struct pci_dev *pdev);
void sg_reset_unlock(struct pci_dev *pdev);
int sg_reset_try(struct pci_dev *pdev, bool (*may)(struct pci_dev *pdev));

#endif
