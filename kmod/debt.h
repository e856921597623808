/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Resets that were refused and are still owed (R6)
 */
#ifndef SLOTGATE_DEBT_H
#define SLOTGATE_DEBT_H

#include <linux/list.h>
#include <linux/pci.h>

/**
 * struct sg_release - an owner's release of its device, on the stack of its task
 * @pdev: the device, where the kernel's release does not tell; see wrap_vfio.c
 * @tried: a reset of a single function was tried, whatever came of it, or its
 *	whole slot was reset
 *
 * Only a reset that is refused or left out inside one is owed.  Elsewhere the
 * caller sees -EAGAIN and decides, and resetting its device behind its back
 * would be wrong.
 */
struct sg_release {
	struct list_head node;
	struct task_struct *task;
	struct pci_dev *pdev;
	bool tried;
};

void sg_release_begin(struct sg_release *release);
void sg_release_end(struct sg_release *release);

void sg_release_tried(void);
void sg_release_device(struct pci_dev *pdev);
void sg_debt_left_out(struct pci_dev *pdev);
void sg_debt_refused(struct pci_dev *pdev, bool whole_slot);
bool sg_debt_owed(struct pci_dev *pdev);
void sg_debt_settle(struct pci_dev *pdev);
void sg_debt_settle_all(struct pci_dev *pdev);
void sg_debt_write_off(struct pci_dev *pdev, int error);
int sg_debt_probe(struct pci_dev *pdev);
int sg_debt_pay(struct pci_dev *pdev);
void sg_debt_kick(void);
void sg_debt_exit(void);

#endif
