// SPDX-License-Identifier: GPL-2.0-only
/*
 * A driver that takes its time over a drive
 *
 * It stands for those that wait for firmware while they are bound.  Whoever finds
 * a drive has it bound with the rescan/remove lock held, and so everybody waits who
 * wants that lock, until "go" is written.
 */
#include <linux/completion.h>
#include <linux/module.h>
#include <linux/pci.h>

static DECLARE_COMPLETION(told);

static int set_go(const char *text, const struct kernel_param *param)
{
	complete_all(&told);
	return 0;
}

static const struct kernel_param_ops go_ops = { .set = set_go };
module_param_cb(go, &go_ops, NULL, 0200);
MODULE_PARM_DESC(go, "written: binding comes to an end");

static int slow_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	pci_info(pdev, "binding waits to be told to go on\n");
	return wait_for_completion_killable(&told);
}

/* Every NVMe drive that has no driver.  Not for depmod's lists. */
static const struct pci_device_id slow_ids[] = {
	{ PCI_DEVICE_CLASS(PCI_CLASS_STORAGE_EXPRESS, ~0) },
	{ }
};

static struct pci_driver slow_driver = {
	.name = "slow_probe",
	.id_table = slow_ids,
	.probe = slow_probe,
};

module_pci_driver(slow_driver);
MODULE_DESCRIPTION("A driver that takes its time, for tests");
MODULE_AUTHOR("The slotgate developers");
MODULE_LICENSE("GPL");
