// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exempt pciehp's reset_lock from lockdep's checks
 *
 * Since 2023 stock kernels take it and the rescan/remove lock in both orders.
 * lockdep reports that at the first ordinary hot removal and then switches itself
 * off for good, so that nothing else would ever be reported.  Loaded before the
 * first event this module keeps it on: the locks of all slots that are there
 * are no longer checked, all others are.
 */
#include <linux/lockdep.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/pci_hotplug.h>
#include <linux/rwsem.h>

#include "layout_generated.h"

extern struct kset *pci_slots_kset;

static bool is_pciehp(const struct pci_slot *slot)
{
	return slot->hotplug && slot->hotplug->mod_name &&
	       !strcmp(slot->hotplug->mod_name, "pciehp");
}

static struct rw_semaphore *reset_lock_of(const struct pci_slot *slot)
{
	char *ctrl = (char *)slot->hotplug - SG_OFFSET_controller_hotplug_slot;

	return (void *)(ctrl + SG_OFFSET_controller_reset_lock);
}

/* A kernel without lockdep makes nothing of this. */
static void exempt(struct rw_semaphore *lock)
{
	lockdep_set_novalidate_class(lock);
}

/* Nobody comes or goes yet: the test has not begun. */
static int __init lockdep_exempt_init(void)
{
	struct kobject *kobj;
	unsigned int count = 0;

	list_for_each_entry(kobj, &pci_slots_kset->list, entry) {
		struct pci_slot *slot = container_of(kobj, struct pci_slot, kobj);

		if (is_pciehp(slot)) {
			exempt(reset_lock_of(slot));
			count++;
		}
	}
	pr_info("lockdep_exempt: reset_lock of %u slots\n", count);
	return count ? 0 : -ENODEV;
}

static void __exit lockdep_exempt_exit(void)
{
}

module_init(lockdep_exempt_init);
module_exit(lockdep_exempt_exit);
MODULE_DESCRIPTION("Keep lockdep on across stock hot removals");
MODULE_LICENSE("GPL");
