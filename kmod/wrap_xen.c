// SPDX-License-Identifier: GPL-2.0-only
/*
 * The release paths of xen-pciback
 *
 * Breaks xen-detach and its kin, on all kernel lines.  A drive that is taken
 * back from a guest is reset with its device lock and xen-pciback's semaphore
 * held, by the one thread that serves all of xenbus, and removals want that
 * semaphore while they have the rescan/remove lock.
 *
 * Where the thread is to take the device lock itself it enters the gate first,
 * and only tries the lock inside.  Where the lock is held already, as on
 * unbinding, the core's locked reset tries the gate.  What is refused is owed
 * (R6): a drive goes from one guest to the next without a probe, so that debts
 * are paid here, too, before it is handed out under its lock.
 *
 * No structure of the module is read.  Which drives a guest has it is asked, by
 * the function with which it looks for the one that a guest means.
 *
 * Safe to swap in live: an unpatched release meets the gate in the reset.
 */
#include <linux/delay.h>
#include <linux/pci.h>

#include "absent.h"
#include "debt.h"
#include "gate.h"
#include "reset.h"
#include "topology.h"
#include "wrap.h"

#define SG_XEN_PAY_MS	10000	/* a guest that starts may wait as long for its drive */
#define SG_XEN_SLOTS	32	/* of the bus that vpci makes up for a guest */

struct xen_pcibk_device;
struct kref;

/**
 * struct backend - one of the two ways to show drives to a guest: the originals
 * @release: takes a drive back from a guest, if the guest has it
 * @get: the drive that a guest has at an address, or NULL
 */
struct backend {
	void (*release)(struct xen_pcibk_device *pdev, struct pci_dev *dev,
			bool lock);
	struct pci_dev *(*get)(struct xen_pcibk_device *pdev, unsigned int domain,
			       unsigned int bus, unsigned int devfn);
};

SG_WRAP(void, pcistub_put_pci_dev, struct pci_dev *dev)
{
	struct sg_release release;

	sg_release_begin(&release);
	SG_ORIGINAL(pcistub_put_pci_dev)(dev);
	sg_release_end(&release);
}

SG_WRAP(void, pcistub_device_release, struct kref *kref)
{
	struct sg_release release;

	sg_release_begin(&release);
	SG_ORIGINAL(pcistub_device_release)(kref);
	sg_release_end(&release);
}

/*
 * What the host left in a drive is reset when xen-pciback takes it.  @taken is
 * the drive, since 6.12 a private structure.
 */
SG_WRAP(int, pcistub_init_device, void *taken)
{
	struct sg_release release;
	int ret;

	sg_release_begin(&release);
	ret = SG_ORIGINAL(pcistub_init_device)(taken);
	sg_release_end(&release);
	return ret;
}

/*
 * passthrough shows a drive where it is, vpci in some slot of bus 0, as the
 * function that it is.  Which of the two this is need not be known.
 */
static bool has_drive(const struct backend *backend, struct xen_pcibk_device *pdev,
		      const struct pci_dev *dev)
{
	unsigned int func = PCI_FUNC(dev->devfn);
	unsigned int slot;

	if (backend->get(pdev, pci_domain_nr(dev->bus), dev->bus->number,
			 dev->devfn) == dev)
		return true;
	for (slot = 0; slot < SG_XEN_SLOTS; slot++)
		if (backend->get(pdev, 0, 0, PCI_DEVFN(slot, func)) == dev)
			return true;
	return false;
}

static bool release_trylock(const struct backend *backend,
			    struct xen_pcibk_device *pdev, struct pci_dev *dev)
{
	if (!device_trylock(&dev->dev))
		return false;
	backend->release(pdev, dev, false);
	device_unlock(&dev->dev);
	return true;
}

/*
 * Its removal has announced it and unbinds it, outside the rescan/remove lock:
 * whoever has the lock waits for hardware.
 */
static bool release_leaving(const struct backend *backend,
			    struct xen_pcibk_device *pdev, struct pci_dev *dev)
{
	device_lock(&dev->dev);
	backend->release(pdev, dev, false);
	device_unlock(&dev->dev);
	return true;
}

static bool release_through(struct sg_gate *gate, const struct backend *backend,
			    struct xen_pcibk_device *pdev, struct pci_dev *dev)
{
	struct sg_hold hold;
	bool done;
	int ret = sg_gate_reset_begin(gate, dev, &hold);

	if (ret)
		return ret == -ENODEV && release_leaving(backend, pdev, dev);
	done = release_trylock(backend, pdev, dev);
	sg_gate_reset_end(&hold);
	return done;
}

/* Slots come and go while we wait, and their gates with them. */
static bool release_once(const struct backend *backend,
			 struct xen_pcibk_device *pdev, struct pci_dev *dev)
{
	struct sg_gate *gate = sg_gate_get(dev);
	bool done;

	done = gate ? release_through(gate, backend, pdev, dev) :
		      release_trylock(backend, pdev, dev);
	sg_gate_put(gate);
	return done;
}

/*
 * Nothing of the device or its slot is held.  The caller has a reference.  Its
 * removal may take it from the guest meanwhile, and then it is not waited for.
 */
static void release_unlocked(const struct backend *backend,
			     struct xen_pcibk_device *pdev, struct pci_dev *dev)
{
	while (has_drive(backend, pdev, dev) && !release_once(backend, pdev, dev))
		msleep(SG_LOCK_RETRY_MS);
}

/*
 * All drives of this guest, or @only one of them.  That one is looked for, not
 * followed: nothing keeps it for xenbus's thread.
 */
static void release_bound(const struct backend *backend,
			  struct xen_pcibk_device *pdev, const struct pci_dev *only)
{
	struct pci_dev *dev = NULL;

	for_each_pci_dev(dev)
		if (pci_is_dev_assigned(dev) && (!only || dev == only))
			release_unlocked(backend, pdev, dev);
}

/* The two ways to show drives to a guest, vpci and passthrough. */
#define SG_XEN_BACKEND(n)						\
SG_WRAP_DECLARE(void, xen_release_device_##n,				\
		struct xen_pcibk_device *pdev, struct pci_dev *dev, bool lock); \
									\
/* Wrapped to be called: nothing is changed for xen-pciback itself. */	\
SG_WRAP(struct pci_dev *, xen_get_device_##n,				\
	struct xen_pcibk_device *pdev, unsigned int domain,		\
	unsigned int bus, unsigned int devfn)				\
{									\
	return SG_ORIGINAL(xen_get_device_##n)(pdev, domain, bus, devfn); \
}									\
									\
static void original_release_##n(struct xen_pcibk_device *pdev,		\
				 struct pci_dev *dev, bool lock)	\
{									\
	SG_ORIGINAL(xen_release_device_##n)(pdev, dev, lock);		\
}									\
									\
static const struct backend backend_##n = {				\
	.release = original_release_##n,				\
	.get = sg_xen_get_device_##n,					\
};									\
									\
void sg_xen_release_device_##n(struct xen_pcibk_device *pdev,		\
			       struct pci_dev *dev, bool lock)		\
{									\
	if (lock)							\
		release_bound(&backend_##n, pdev, dev);			\
	SG_ORIGINAL(xen_release_device_##n)(pdev, dev, lock);		\
}									\
									\
SG_WRAP(void, xen_release_devices_##n, struct xen_pcibk_device *pdev)	\
{									\
	release_bound(&backend_##n, pdev, NULL);			\
	SG_ORIGINAL(xen_release_devices_##n)(pdev);			\
}

SG_XEN_BACKEND(1)
SG_XEN_BACKEND(2)

/*
 * Nobody has the device: it may be reset, but its slot may be busy.  A reset
 * that was tried and failed is no reason to keep the drive back: stock hands it
 * out whatever became of the reset.  One that nobody could try is.
 */
static int pay_device(struct pci_dev *dev)
{
	int ret = sg_debt_owed(dev) ? sg_debt_pay(dev) : 0;

	if (!ret || ret == -EAGAIN || sg_absent(dev))
		return ret;
	sg_debt_write_off(dev, ret);
	return 0;
}

/*
 * Returns 0, with the device lock held, if the drive can be handed out.  Whoever
 * takes it from its last guest has that lock, and what is owed then is known
 * before the lock is free.
 */
static int lock_paid(struct pci_dev *dev)
{
	int ret = pay_device(dev);

	if (ret)
		return ret;
	if (!device_trylock(&dev->dev))
		return -EAGAIN;
	if (!sg_debt_owed(dev))
		return 0;
	device_unlock(&dev->dev);
	return -EAGAIN;
}

static int lock_paid_waiting(struct pci_dev *dev)
{
	unsigned int left = SG_XEN_PAY_MS / SG_LOCK_RETRY_MS;
	int ret;

	while ((ret = lock_paid(dev)) == -EAGAIN) {
		if (sg_leaving(dev) || !left--)
			break;
		msleep(SG_LOCK_RETRY_MS);
	}
	return ret;
}

SG_WRAP(struct pci_dev *, pcistub_get_pci_dev_by_slot,
	struct xen_pcibk_device *pdev, int domain, int bus, int slot, int func)
{
	struct pci_dev *dev = pci_get_domain_bus_and_slot(domain, bus,
							  PCI_DEVFN(slot, func));
	struct pci_dev *given = NULL;
	int ret;

	if (!dev)
		return NULL;
	ret = lock_paid_waiting(dev);
	if (!ret) {
		given = SG_ORIGINAL(pcistub_get_pci_dev_by_slot)(pdev, domain, bus,
								 slot, func);
		device_unlock(&dev->dev);
	} else {
		pci_warn(dev, "slotgate: not given to a guest: %s\n",
			 ret == -EAGAIN ? "its slot or its lock is busy" :
					  "it is owed a reset and does not answer");
	}
	pci_dev_put(dev);
	return given;
}
