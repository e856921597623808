// SPDX-License-Identifier: GPL-2.0-only
/*
 * Everyone who changes the topology goes through its gate
 *
 * Breaks rescan-remove, on all kernel lines: a writer inside x/rescan waits for
 * the rescan/remove lock, whose holder removes x and waits for the writer.
 * And, with early unbind, keeps owners of a device that is removed through
 * sysfs from holding up the machine.
 *
 * Safe to swap in live: the kernel's own lock stays and excludes patched and
 * unpatched tasks alike.
 */
#include "topology.h"
#include "unbind.h"
#include "wrap.h"

/* The caller holds the lock: all that is left is to send writers out of files. */
SG_WRAP(void, pci_stop_and_remove_bus_device, struct pci_dev *pdev)
{
	struct sg_leave leave;

	sg_leave_begin_locked(&leave, pdev);
	SG_ORIGINAL(pci_stop_and_remove_bus_device)(pdev);
	sg_leave_end(&leave);
}

/* As VMD and Hyper-V do, some with the lock and some without. */
SG_WRAP(void, pci_stop_root_bus, struct pci_bus *bus)
{
	struct sg_leave leave;

	sg_leave_begin_bus(&leave, bus);
	SG_ORIGINAL(pci_stop_root_bus)(bus);
	sg_leave_end(&leave);
}

/*
 * Behind "remove" in sysfs, which has left its file by then.  The reference is
 * ours: a removal that comes first must not free what we wait for.
 */
SG_WRAP(void, pci_stop_and_remove_bus_device_locked, struct pci_dev *pdev)
{
	struct sg_leave leave;

	pci_dev_get(pdev);
	sg_leave_begin(&leave, pdev, false);
	sg_unbind_subtree(pdev);

	sg_topo_enter();
	SG_ORIGINAL(pci_stop_and_remove_bus_device_locked)(pdev);
	sg_leave_end(&leave);
	sg_topo_exit();

	pci_dev_put(pdev);
}

/* What does not rescan has no reason to wait. */
static bool wants_rescan(const char *buf)
{
	unsigned long val;

	return !kstrtoul(buf, 0, &val) && val;
}

SG_WRAP(ssize_t, dev_rescan_store, struct device *dev,
	struct device_attribute *attr, const char *buf, size_t count)
{
	ssize_t ret;

	if (!wants_rescan(buf))
		return SG_ORIGINAL(dev_rescan_store)(dev, attr, buf, count);

	ret = sg_topo_enter_file(to_pci_dev(dev), NULL);
	if (ret)
		return ret;
	ret = SG_ORIGINAL(dev_rescan_store)(dev, attr, buf, count);
	sg_topo_exit();
	return ret;
}

SG_WRAP(ssize_t, bus_rescan_store, struct device *dev,
	struct device_attribute *attr, const char *buf, size_t count)
{
	ssize_t ret;

	if (!wants_rescan(buf))
		return SG_ORIGINAL(bus_rescan_store)(dev, attr, buf, count);

	ret = sg_topo_enter_file(NULL, to_pci_bus(dev));
	if (ret)
		return ret;
	ret = SG_ORIGINAL(bus_rescan_store)(dev, attr, buf, count);
	sg_topo_exit();
	return ret;
}
