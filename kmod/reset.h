/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SLOTGATE_RESET_H
#define SLOTGATE_RESET_H

#include <linux/pci.h>

int sg_reset_try(struct pci_dev *pdev);

#endif
