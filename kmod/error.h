/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SLOTGATE_ERROR_H
#define SLOTGATE_ERROR_H

#include <linux/types.h>

struct list_head;
struct pci_dev;

bool sg_recovering(void);
void sg_recovery_told(struct list_head *devices);
bool sg_recovery_concerns(const struct pci_dev *pdev);

#endif
