/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where kernel lines differ, each with what moved
 */
#ifndef SLOTGATE_COMPAT_H
#define SLOTGATE_COMPAT_H

#include <linux/fs.h>
#include <linux/pci.h>
#include <linux/pm_runtime.h>
#include <linux/version.h>

#include "layout_generated.h"

/* Exported for hot-plug drivers, declared only inside drivers/pci. */
extern struct kset *pci_slots_kset;

/*
 * pci_reset_function() takes the upstream bridge's lock as well since v6.10
 * (7e89efc6e9e4).
 */
#define SG_RESET_LOCKS_BRIDGE	(LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0))

/*
 * pci_dev_wait() is done when the device has answered, to the question that we ask
 * as well; since v6.12 (d591f6804e7e) it may ask another one.
 */
#define SG_DEV_WAIT_ASKS_ONCE	(LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0))

/*
 * vfio_pci_core.ko was split from vfio-pci.ko in v5.15 (7fa005caa35e).  sparse does
 * not know __has_include(); kernels that it is run on have that module.
 */
#ifdef __CHECKER__
#define SG_HAVE_VFIO_PCI_CORE	1
#elif __has_include(<linux/vfio_pci_core.h>)
#define SG_HAVE_VFIO_PCI_CORE	1
#endif

/* What a reset method takes for "would it work?": bool since v5.15 (9bdc81ce440e). */
#if SG_HAVE_pciehp_reset_slot == 1
#define sg_probe_t	bool
#else
#define sg_probe_t	int
#endif

/* What an actor of iterate_dir() returns to go on: true since v6.1 (25885a35a720), was 0. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 1, 0)
#define sg_filldir_t	bool
#define SG_FILLDIR_ON	true
#define SG_FILLDIR_END	false
#else
#define sg_filldir_t	int
#define SG_FILLDIR_ON	0
#define SG_FILLDIR_END	(-E2BIG)
#endif

/*
 * The work queue for all is told apart by kind since v6.17 (128ea9f6ccfb); 7.2 warns
 * of its old name.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 17, 0)
#define sg_system_wq	system_percpu_wq
#else
#define sg_system_wq	system_wq
#endif

/*
 * Is the device set up, and nobody writing to its configuration any more?
 * pci_bus_add_device() comes then: it sets match_driver or, on kernels that
 * keep that in private flags (v7.2 does), enables runtime PM.
 */
static inline bool sg_device_is_added(struct pci_dev *pdev)
{
#if SG_HAVE_pci_dev_match_driver
	return pdev->match_driver;
#else
	return pm_runtime_enabled(&pdev->dev);
#endif
}

/* Can it be reset alone?  reset_methods replaced reset_fn in v5.15 (e20afa06244e). */
static inline bool sg_device_can_reset(struct pci_dev *pdev)
{
#ifdef PCI_NUM_RESET_METHODS
	return pdev->reset_methods[0];
#else
	return pdev->reset_fn;
#endif
}

#endif
