/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SLOTGATE_UNBIND_H
#define SLOTGATE_UNBIND_H

#include <linux/pci.h>

struct sg_gate;

void sg_unbind_below(struct sg_gate *gate, struct pci_dev *bridge);
void sg_unbind_subtree(struct pci_dev *root);
void sg_unbind_functions(struct pci_dev *pdev);

#endif
