/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SLOTGATE_SRIOV_H
#define SLOTGATE_SRIOV_H

#include <linux/pci.h>

struct task_struct;

bool sg_numvfs_borrow(struct task_struct *task, struct pci_dev *pdev);

#endif
