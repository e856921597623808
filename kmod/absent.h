/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Devices that are gone, whether or not their removal has begun
 */
#ifndef SLOTGATE_ABSENT_H
#define SLOTGATE_ABSENT_H

#include <linux/pci.h>

bool sg_absent(struct pci_dev *pdev);
bool sg_slot_absent(struct pci_dev *port);

#endif
