// SPDX-License-Identifier: GPL-2.0-only
/*
 * The release path of vfio-pci
 *
 * It tries the device lock and then resets through the core's locked forms,
 * which try the slot gate.  Nothing waits, so the order of the two does not
 * matter, and vfio keeps needs_reset by itself when it is refused.  What it
 * does not do is remember the reset for an owner other than itself.  A refusal
 * in here is owed, and so is a reset that was left out because the device lock
 * was busy, as it is whenever the device is being removed (R6).
 *
 * Before v5.15 the structure is vfio-pci's own and its module has no BTF.  What
 * is needed of it comes from elsewhere: which device, from the call that stops
 * its DMA, with which a release begins; whether it is to be reset, from the
 * device itself and from whether a reset came.
 *
 * Safe to swap in live: only marks the task and looks at the result.
 */
#include "compat.h"

#ifdef SG_HAVE_VFIO_PCI_CORE
#include <linux/vfio_pci_core.h>

#include "debt.h"
#include "wrap.h"

SG_WRAP(void, vfio_pci_core_disable, struct vfio_pci_core_device *vdev)
{
	struct sg_release release;

	sg_release_begin(&release);
	SG_ORIGINAL(vfio_pci_core_disable)(vdev);
	if (vdev->reset_works && vdev->needs_reset && !release.tried)
		sg_debt_left_out(vdev->pdev);
	sg_release_end(&release);
}

#else
#include "debt.h"
#include "wrap.h"

struct vfio_pci_device;

SG_WRAP(void, vfio_pci_disable, struct vfio_pci_device *vdev)
{
	struct sg_release release;

	sg_release_begin(&release);
	SG_ORIGINAL(vfio_pci_disable)(vdev);
	if (release.pdev && !release.tried && sg_device_can_reset(release.pdev))
		sg_debt_left_out(release.pdev);
	sg_release_end(&release);
}

SG_WRAP(void, pci_clear_master, struct pci_dev *pdev)
{
	sg_release_device(pdev);
	SG_ORIGINAL(pci_clear_master)(pdev);
}
#endif
