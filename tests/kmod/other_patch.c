// SPDX-License-Identifier: GPL-2.0-only
/*
 * Somebody else's livepatch, of a function that slotgate wraps
 *
 * Loaded before slotgate it must make slotgate refuse; loaded after it,
 * "slotgate status" has to say what was taken over.
 */
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/pci.h>

static int other_reset_bus(struct pci_dev *pdev)
{
	return -ENOTTY;
}

static struct klp_func funcs[] = {
	{ .old_name = "pci_reset_bus", .new_func = other_reset_bus },
	{ }
};

static struct klp_object objects[] = {
	{ .funcs = funcs },
	{ }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objects,
};

static int __init other_patch_init(void)
{
	return klp_enable_patch(&patch);
}

static void __exit other_patch_exit(void)
{
}

module_init(other_patch_init);
module_exit(other_patch_exit);
MODULE_DESCRIPTION("A livepatch that is not slotgate");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
