/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where kernel lines differ, each with what moved
 */
#ifndef SLOTGATE_COMPAT_H
#define SLOTGATE_COMPAT_H

#include <linux/pci.h>
#include <linux/version.h>

/* Exported for hot-plug drivers, declared only inside drivers/pci. */
extern struct kset *pci_slots_kset;

/*
 * pci_reset_function() takes the upstream bridge's lock as well since v6.10
 * (7e89efc6e9e4).
 */
#define SG_RESET_LOCKS_BRIDGE	(LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0))

/* vfio_pci_core.ko was split from vfio-pci.ko in v5.15 (7fa005caa35e). */
#if __has_include(<linux/vfio_pci_core.h>)
#define SG_HAVE_VFIO_PCI_CORE	1
#endif

#endif
