// SPDX-License-Identifier: GPL-2.0-only
/*
 * Resets that were refused and are still owed (R6)
 *
 * A device whose owner let go of it while the slot's handler was inside the
 * gate, or while its lock was busy, is not reset then.  Mostly it is about to
 * be removed.  If it is
 * not, or the slot cannot cut the power, the next owner must not see what the
 * last one left.  So the reset is owed, and paid at the first of: the slot's
 * handler being done (a work item), a driver being bound (which is put off
 * until then), the next owner's own reset.
 *
 * A debt is kept by address, not by device: it outlives a removal after which
 * the same card is found again.
 */
#include <linux/device.h>
#include <linux/pm_runtime.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "absent.h"
#include "compat.h"
#include "debt.h"
#include "gate.h"
#include "reset.h"
#include "topology.h"
#include "trace.h"

#define SG_DEBT_RETRY	(HZ / 4)

struct debt {
	struct list_head node;
	int domain;
	unsigned int bus;
	unsigned int devfn;
	unsigned int pass;	/* last pass of the work that tried it */
	bool probe_waits;	/* a driver was put off */
	bool gone_with_power;	/* its slot cuts the power when it is emptied */
};

static LIST_HEAD(debts);
static LIST_HEAD(releases);

static void debt_work_fn(struct work_struct *work);
static DECLARE_DELAYED_WORK(debt_work, debt_work_fn);

void sg_release_begin(struct sg_release *release)
{
	release->task = current;
	release->pdev = NULL;
	release->tried = false;
	spin_lock(&sg_lock);
	list_add(&release->node, &releases);
	spin_unlock(&sg_lock);
}

void sg_release_end(struct sg_release *release)
{
	spin_lock(&sg_lock);
	list_del(&release->node);
	spin_unlock(&sg_lock);
	sg_debt_kick();
}

/* The release that the current task is in, or NULL. */
static struct sg_release *release_find(void)
{
	struct sg_release *release;

	lockdep_assert_held(&sg_lock);
	list_for_each_entry(release, &releases, node)
		if (release->task == current)
			return release;
	return NULL;
}

static bool releasing(void)
{
	bool found;

	spin_lock(&sg_lock);
	found = release_find();
	spin_unlock(&sg_lock);

	return found;
}

/*
 * The caller tries to reset a single function, or has reset its whole slot;
 * matters only inside a release.
 */
void sg_release_tried(void)
{
	struct sg_release *release;

	if (list_empty(&releases))
		return;
	spin_lock(&sg_lock);
	release = release_find();
	if (release)
		release->tried = true;
	spin_unlock(&sg_lock);
}

/* The first device that a release touches is the one that it is about. */
void sg_release_device(struct pci_dev *pdev)
{
	struct sg_release *release;

	spin_lock(&sg_lock);
	release = release_find();
	if (release && !release->pdev)
		release->pdev = pdev;
	spin_unlock(&sg_lock);
}

static struct debt *debt_find(struct pci_dev *pdev)
{
	struct debt *debt;

	lockdep_assert_held(&sg_lock);
	list_for_each_entry(debt, &debts, node)
		if (debt->domain == pci_domain_nr(pdev->bus) &&
		    debt->bus == pdev->bus->number && debt->devfn == pdev->devfn)
			return debt;
	return NULL;
}

/* A slot that cuts the power leaves nothing behind in a device. */
static bool slot_cuts_power(struct pci_dev *pdev)
{
	struct pci_dev *port = pci_upstream_bridge(pdev);
	u32 cap = 0;

	if (port)
		pcie_capability_read_dword(port, PCI_EXP_SLTCAP, &cap);
	return cap & PCI_EXP_SLTCAP_PCP;
}

static void debt_note(struct pci_dev *pdev)
{
	/* Small, and there is nobody to tell if it failed. */
	struct debt *debt = kzalloc(sizeof(*debt), GFP_KERNEL | __GFP_NOFAIL);

	debt->domain = pci_domain_nr(pdev->bus);
	debt->bus = pdev->bus->number;
	debt->devfn = pdev->devfn;
	debt->gone_with_power = slot_cuts_power(pdev);

	spin_lock(&sg_lock);
	if (!debt_find(pdev)) {
		list_add_tail(&debt->node, &debts);
		debt = NULL;
	}
	spin_unlock(&sg_lock);

	kfree(debt);
	sg_trace_reset_deferred(&pdev->dev);
}

/*
 * What a reset of a whole slot or bus is about: the functions of @with's slot,
 * or of its bus if it is in none.  A bridge has no owner.
 */
static bool reset_together(const struct pci_dev *pdev, const struct pci_dev *with)
{
	return pdev->hdr_type == PCI_HEADER_TYPE_NORMAL &&
	       (!with->slot || pdev->slot == with->slot);
}

/* Called by pci_walk_bus(), with the bus list semaphore held. */
static int debt_note_one(struct pci_dev *pdev, void *data)
{
	if (reset_together(pdev, data))
		debt_note(pdev);
	return 0;
}

/**
 * sg_debt_refused - a reset was refused
 * @pdev: the device that was to be reset
 * @whole_slot: everything on its bus was to be reset
 */
void sg_debt_refused(struct pci_dev *pdev, bool whole_slot)
{
	struct sg_gate *gate;

	/* xen-pciback asks for a reset of what has none, too */
	if (!releasing() || (!whole_slot && !sg_device_can_reset(pdev)))
		return;

	gate = sg_gate_get(pdev);
	sg_count(gate, SG_DEFERRED);
	sg_gate_put(gate);
	if (whole_slot)
		pci_walk_bus(pdev->bus, debt_note_one, pdev);
	else
		debt_note(pdev);
}

/**
 * sg_debt_left_out - a release was to reset its device and did not try
 * @pdev: the device, whose lock was busy: most likely its removal has it
 *
 * Stock kernels forget this reset.
 */
void sg_debt_left_out(struct pci_dev *pdev)
{
	struct sg_gate *gate;

	if (sg_debt_owed(pdev))
		return;

	gate = sg_gate_get(pdev);
	sg_count(gate, SG_DEFERRED);
	sg_gate_put(gate);
	debt_note(pdev);
}

bool sg_debt_owed(struct pci_dev *pdev)
{
	bool owed;

	spin_lock(&sg_lock);
	owed = debt_find(pdev);
	spin_unlock(&sg_lock);

	return owed;
}

/* Returns false if nothing was owed. */
static bool forget(struct pci_dev *pdev)
{
	struct debt *debt;
	bool owed;

	spin_lock(&sg_lock);
	debt = debt_find(pdev);
	owed = debt;
	if (owed)
		list_del(&debt->node);
	spin_unlock(&sg_lock);

	kfree(debt);
	return owed;
}

/* The device has been reset, by whatever means. */
void sg_debt_settle(struct pci_dev *pdev)
{
	if (!list_empty(&debts) && forget(pdev))
		sg_trace_reset_paid(&pdev->dev);
}

/* What was put off has been tried, and failed as it would have the first time. */
void sg_debt_write_off(struct pci_dev *pdev, int error)
{
	if (forget(pdev))
		pci_warn(pdev, "slotgate: the reset that it is owed fails (%d)\n",
			 error);
}

/*
 * Everything that is reset together with the device has been reset.  By address,
 * as the bus list semaphore must not be taken here: vfio's hot reset comes with
 * locks that error recovery takes inside it.
 */
void sg_debt_settle_all(struct pci_dev *pdev)
{
	struct debt *debt, *next;

	spin_lock(&sg_lock);
	list_for_each_entry_safe(debt, next, &debts, node)
		if (debt->domain == pci_domain_nr(pdev->bus) &&
		    debt->bus == pdev->bus->number &&
		    (!pdev->slot || PCI_SLOT(debt->devfn) == PCI_SLOT(pdev->devfn))) {
			list_del(&debt->node);
			kfree(debt);
		}
	spin_unlock(&sg_lock);
}

struct owed_count {
	const struct pci_dev *with;
	unsigned int present;
	unsigned int owed;
};

static int count_owed(struct pci_dev *pdev, void *data)
{
	struct owed_count *count = data;

	if (reset_together(pdev, count->with)) {
		count->present++;
		count->owed += sg_debt_owed(pdev);
	}
	return 0;
}

/*
 * Devices that cannot be reset one by one are reset as a whole, which is fair
 * only while every one of them is owed it: then none has a new owner.
 */
static int pay_as_whole(struct pci_dev *pdev)
{
	struct owed_count count = { .with = pdev };

	pci_walk_bus(pdev->bus, count_owed, &count);
	return count.owed == count.present ? pci_reset_bus(pdev) : -EAGAIN;
}

/*
 * Not while it is being removed, and not while it is being found: whoever adds
 * it is still writing to its configuration.  Asked again with the device lock
 * held, as a reference does not keep it from being removed meanwhile, and
 * another from being found in its place; with the lock, no removal gets on.
 */
static bool may_pay(struct pci_dev *pdev)
{
	return sg_device_is_added(pdev) && device_is_registered(&pdev->dev) &&
	       !sg_leaving(pdev);
}

static int pay_inside(struct pci_dev *pdev, bool locked)
{
	int ret = -EAGAIN;

	if (!locked)
		ret = sg_reset_try(pdev, may_pay);
	else if (pci_cfg_access_trylock(pdev)) {
		ret = pci_reset_function_locked(pdev);
		pci_cfg_access_unlock(pdev);
	}
	if (ret == -ENOTTY && !locked && may_pay(pdev))
		ret = pay_as_whole(pdev);
	return ret;
}

/* Somebody else may have paid since we looked, and given the device away. */
static int pay_owed(struct pci_dev *pdev, bool locked)
{
	return sg_debt_owed(pdev) ? pay_inside(pdev, locked) : 0;
}

static int pay(struct pci_dev *pdev, bool locked)
{
	struct sg_gate *gate;
	struct sg_hold hold;
	int ret = -EAGAIN;

	if (sg_absent(pdev))
		return -ENOTTY;
	gate = sg_gate_get(pdev);
	if (!gate) {
		ret = pay_owed(pdev, locked);
	} else if (sg_gate_reset_try(gate, &hold)) {
		ret = pay_owed(pdev, locked);
		sg_gate_reset_end(&hold);
	}
	if (!ret) {
		sg_debt_settle(pdev);
		sg_count(gate, SG_PAID);
	}
	sg_gate_put(gate);
	return ret;
}

/**
 * sg_debt_pay - reset a device that is owed a reset
 * @pdev: the device, not locked
 *
 * Returns 0, -EAGAIN if its slot or one of its locks is busy or it is being
 * removed, or the error of the reset.
 */
int sg_debt_pay(struct pci_dev *pdev)
{
	int ret;

	pm_runtime_get_sync(&pdev->dev);
	ret = pay(pdev, false);
	pm_runtime_put(&pdev->dev);
	return ret;
}

/**
 * sg_debt_probe - pay before a driver gets hold of the device
 * @pdev: the device, locked by the driver core
 *
 * Returns 0 if nothing is owed any more, else -EPROBE_DEFER: the driver is
 * bound once the debt is paid.
 */
int sg_debt_probe(struct pci_dev *pdev)
{
	struct debt *debt;

	if (!sg_debt_owed(pdev) || !pay(pdev, true))
		return 0;

	spin_lock(&sg_lock);
	debt = debt_find(pdev);
	if (debt)
		debt->probe_waits = true;
	spin_unlock(&sg_lock);
	sg_debt_kick();
	return debt ? -EPROBE_DEFER : 0;
}

static void drop(const struct debt *copy)
{
	struct debt *debt, *next;

	spin_lock(&sg_lock);
	list_for_each_entry_safe(debt, next, &debts, node)
		if (debt->domain == copy->domain && debt->bus == copy->bus &&
		    debt->devfn == copy->devfn) {
			list_del(&debt->node);
			kfree(debt);
		}
	spin_unlock(&sg_lock);
}

/* Returns true if it makes sense to come back for it by the clock. */
static bool try_one(const struct debt *copy)
{
	struct pci_dev *pdev;
	int ret = -EAGAIN;

	pdev = pci_get_domain_bus_and_slot(copy->domain, copy->bus, copy->devfn);
	if (!pdev) {
		/* Else the next card at this address pays when it is probed. */
		if (copy->gone_with_power)
			drop(copy);
		return false;
	}

	if (may_pay(pdev))
		ret = sg_debt_pay(pdev);
	if (!ret && copy->probe_waits && device_attach(&pdev->dev) < 0)
		pci_warn(pdev, "slotgate: driver was put off for an owed reset and did not bind afterwards\n");
	pci_dev_put(pdev);
	return ret == -EAGAIN;
}

/* A copy of the first debt that this pass has not tried yet. */
static bool next_debt(unsigned int pass, struct debt *copy)
{
	struct debt *debt;
	bool found = false;

	spin_lock(&sg_lock);
	list_for_each_entry(debt, &debts, node)
		if (debt->pass != pass) {
			debt->pass = pass;
			*copy = *debt;
			found = true;
			break;
		}
	spin_unlock(&sg_lock);

	return found;
}

static void debt_work_fn(struct work_struct *work)
{
	static unsigned int pass;
	struct debt copy;
	bool again = false;

	pass++;
	while (next_debt(pass, &copy))
		again |= try_one(&copy);
	if (again)
		schedule_delayed_work(&debt_work, SG_DEBT_RETRY);
}

/* Something changed that may let debts be paid. */
void sg_debt_kick(void)
{
	bool any;

	spin_lock(&sg_lock);
	any = !list_empty(&debts);
	spin_unlock(&sg_lock);
	if (any)
		mod_delayed_work(sg_system_wq, &debt_work, 0);
}

/* The patch is out.  What is still owed is told, as nobody is left to pay. */
void sg_debt_exit(void)
{
	struct debt *debt, *next;

	cancel_delayed_work_sync(&debt_work);
	list_for_each_entry_safe(debt, next, &debts, node) {
		pr_warn("slotgate: %04x:%02x:%02x.%d is still owed a reset\n",
			debt->domain, debt->bus, PCI_SLOT(debt->devfn),
			PCI_FUNC(debt->devfn));
		list_del(&debt->node);
		kfree(debt);
	}
}
