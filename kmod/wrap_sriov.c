// SPDX-License-Identifier: GPL-2.0-only
/*
 * Virtual functions come and go under the topology gate
 *
 * Breaks, on all kernel lines:
 *   numvfs-remove  writer of sriov_numvfs: device lock of the physical function
 *                  -> rescan/remove lock; its removal: the other way round.
 *                  The writer enters the topology gate before the device lock,
 *                  and leaves when the function is about to be removed.
 *   numvfs-read    reader of sriov_numvfs -> device lock of the physical
 *                  function, whose unbinding waits for the reader.  The reader
 *                  waits for functions that are being added, and for no lock.
 *   pf-unbind      no cycle: a driver that is unbound takes its virtual
 *                  functions off the bus without the rescan/remove lock, from
 *                  under a removal or a rescan that has it.
 *
 * pf-unbind is why the gate is entered with a device lock held, against R3.
 * What makes that safe is R4: nobody inside waits for the lock of a device that
 * has a driver.  Those who do all the same are known, and the gate is left to
 * them: sg_topo_enter_device_locked().  A writer of sriov_numvfs is one of them,
 * and lends it: he may be past his device lock by then, and on his way out of the
 * gate, which he must not leave before the functions are off the bus.
 *
 * Safe to swap in live: an unpatched task takes the kernel's locks as it did,
 * and unpatched unbinding takes none.
 */
#include <linux/delay.h>
#include <linux/sched/signal.h>
#include <linux/sysfs.h>

#include "gate.h"
#include "reset.h"
#include "sriov.h"
#include "topology.h"
#include "unbind.h"
#include "wrap.h"

SG_WRAP_DECLARE(void, sriov_disable, struct pci_dev *pdev);

/* struct change - somebody at work on the virtual functions of @pdev */
struct change {
	struct list_head node;
	struct task_struct *task;
	struct pci_dev *pdev;
	bool lent;	/* a writer's gate, to who unbinds the driver of @pdev */
};

static LIST_HEAD(writers);	/* inside sriov_numvfs, in the topology gate */
static LIST_HEAD(additions);	/* functions are being added */

static void change_begin(struct change *change, struct list_head *list, struct pci_dev *pdev)
{
	change->task = current;
	change->pdev = pdev;
	change->lent = false;
	spin_lock(&sg_lock);
	list_add(&change->node, list);
	spin_unlock(&sg_lock);
	wake_up_all(&sg_wait);
}

static bool change_end_try(struct change *change)
{
	bool lent;

	spin_lock(&sg_lock);
	lent = change->lent;
	if (!lent)
		list_del(&change->node);
	spin_unlock(&sg_lock);

	return !lent;
}

/* Whoever has borrowed waits for hardware only. */
static void change_end(struct change *change)
{
	wait_event(sg_wait, change_end_try(change));
	wake_up_all(&sg_wait);
}

static struct change *writer_find(struct task_struct *task, struct pci_dev *pdev)
{
	struct change *change;

	lockdep_assert_held(&sg_lock);
	list_for_each_entry(change, &writers, node)
		if (change->task == task && change->pdev == pdev)
			return change;
	return NULL;
}

/**
 * sg_numvfs_borrow - share the topology gate with a writer of sriov_numvfs
 * @task: the task inside the gate
 * @pdev: a physical function, whose device lock the caller has
 *
 * Returns whether @task writes the number of @pdev's virtual functions; then it
 * stays in the gate until give_back().
 */
bool sg_numvfs_borrow(struct task_struct *task, struct pci_dev *pdev)
{
	struct change *change = writer_find(task, pdev);

	if (change)
		change->lent = true;
	return change;
}

/* The one with the lock of @pdev, so there is no other to have borrowed. */
static void give_back(struct pci_dev *pdev)
{
	struct change *change;

	spin_lock(&sg_lock);
	list_for_each_entry(change, &writers, node)
		if (change->pdev == pdev)
			change->lent = false;
	spin_unlock(&sg_lock);
	wake_up_all(&sg_wait);
}

static bool is_writer(struct pci_dev *pdev)
{
	bool found;

	spin_lock(&sg_lock);
	found = writer_find(current, pdev);
	spin_unlock(&sg_lock);

	return found;
}

static bool is_added_to(struct pci_dev *pdev)
{
	struct change *change;
	bool found = false;

	spin_lock(&sg_lock);
	list_for_each_entry(change, &additions, node)
		found |= change->pdev == pdev;
	spin_unlock(&sg_lock);

	return found;
}

/* Returns -EAGAIN if the device lock is busy, or those of sg_topo_enter_file(). */
static int enter_if_device_free(struct pci_dev *pdev)
{
	int ret;

	if (sg_leaving(pdev))
		return -ENODEV;
	if (mutex_is_locked(&pdev->dev.mutex))
		return -EAGAIN;
	ret = sg_topo_enter_file(pdev, NULL);
	if (ret || !mutex_is_locked(&pdev->dev.mutex))
		return ret;
	sg_topo_exit();
	return -EAGAIN;
}

/*
 * Whoever has the device lock may wait for an owner: it is not waited for inside
 * the gate, but for the moment between the look and the lock.  He may wait for the
 * gate as well, so that nobody is to come into it again and again only to look.
 */
static int enter_with_device_free(struct pci_dev *pdev)
{
	int ret;

	for (;;) {
		ret = enter_if_device_free(pdev);
		if (ret != -EAGAIN)
			return ret;
		if (schedule_timeout_killable(msecs_to_jiffies(SG_LOCK_RETRY_MS)) &&
		    fatal_signal_pending(current))
			return -EINTR;
	}
}

SG_WRAP(ssize_t, sriov_numvfs_store, struct device *dev, struct device_attribute *attr,
	const char *buf, size_t count)
{
	struct pci_dev *pdev = to_pci_dev(dev);
	struct change change;
	ssize_t ret;

	ret = enter_with_device_free(pdev);
	if (ret)
		return ret;

	change_begin(&change, &writers, pdev);
	ret = SG_ORIGINAL(sriov_numvfs_store)(dev, attr, buf, count);
	change_end(&change);
	sg_topo_exit();
	return ret;
}

/*
 * The original waits for the device lock, so that who reads because of the event
 * that the kernel sends in the midst of adding functions sees the new number.
 * That is what is waited for here, too.
 */
SG_WRAP(ssize_t, sriov_numvfs_show, struct device *dev, struct device_attribute *attr,
	char *buf)
{
	struct pci_dev *pdev = to_pci_dev(dev);

	if (wait_event_killable(sg_wait, !is_added_to(pdev)))
		return -EINTR;
	return sysfs_emit(buf, "%d\n", pci_num_vf(pdev));
}

/* Nothing new for a function that is on its way out: nobody would remove it. */
SG_WRAP(int, sriov_enable, struct pci_dev *pdev, int count)
{
	struct change change;
	int ret;

	if (sg_leaving(pdev))
		return -ENODEV;

	change_begin(&change, &additions, pdev);
	ret = SG_ORIGINAL(sriov_enable)(pdev, count);
	change_end(&change);
	return ret;
}

/*
 * Not while a driver is probed, which may happen in a work item that somebody
 * inside the gate waits for.
 */
static bool is_unbinding(struct pci_dev *pdev)
{
	return pdev->dev.links.status == DL_DEV_UNBINDING;
}

/* The driver of @pdev is being unbound: its lock is held, the gate is not. */
static void disable_unbinding(struct pci_dev *pdev)
{
	struct sg_leave leave;
	bool entered;

	sg_leave_begin(&leave, pdev, true);
	sg_unbind_functions(pdev);
	entered = !sg_topo_enter_device_locked(pdev);
	SG_ORIGINAL(sriov_disable)(pdev);
	if (entered)
		sg_topo_exit();
	else
		give_back(pdev);
	sg_leave_end(&leave);
}

/* All that a writer did inside the gate up to here is to ask the driver. */
static void disable_writing(struct pci_dev *pdev)
{
	unsigned int depth = sg_topo_pause();
	struct sg_leave leave;

	sg_leave_begin(&leave, pdev, true);
	sg_unbind_functions(pdev);
	if (depth)
		sg_topo_resume(depth);
	SG_ORIGINAL(sriov_disable)(pdev);
	sg_leave_end(&leave);
}

/* The functions' owners are waited for outside of the gate (R4). */
void sg_sriov_disable(struct pci_dev *pdev)
{
	if (!pci_num_vf(pdev))
		SG_ORIGINAL(sriov_disable)(pdev);
	else if (is_writer(pdev))
		disable_writing(pdev);
	else if (!sg_topo_inside() && is_unbinding(pdev))
		disable_unbinding(pdev);
	else
		SG_ORIGINAL(sriov_disable)(pdev);
}
