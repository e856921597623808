// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices that are gone, and the waits for their answer
 *
 * Breaks absent-reset, on 5.10 and 6.1: a reset of a drive that was pulled
 * waits a minute for it, with the device lock held, which its removal wants
 * under the rescan/remove lock.  Later kernels end that wait when the removal
 * has marked the device, which it does inside the slot gate: with a reset in
 * the gate they would wait as long.  So the slot itself is asked, here, whether
 * there still is anything in it.
 *
 * Safe to swap in live: the wait has no state but its own.
 */
#include <linux/delay.h>
#include <linux/jiffies.h>

#include "absent.h"
#include "compat.h"
#include "gate.h"
#include "wrap.h"

/*
 * A link comes up within a second after a reset (PCI Express base specification
 * 4.0, 6.6.1), and until then a slot may look empty that is not.
 */
#define SG_ABSENT_MS		1500
#define SG_ABSENT_POLL_MS	50U

/* How long a reset's wait is watched for its device going away. */
#define SG_DEV_WAIT_WATCHED_MS	2000

static bool marked(const struct pci_dev *pdev)
{
	return READ_ONCE(pdev->error_state) == pci_channel_io_perm_failure;
}

/* A port that contains an error has its link down, and brings it up again. */
static bool contains_error(struct pci_dev *port)
{
	u16 dpc = pci_find_ext_capability(port, PCI_EXT_CAP_ID_DPC), status = 0;

	if (dpc)
		pci_read_config_word(port, dpc + PCI_EXP_DPC_STATUS, &status);
	return status & PCI_EXP_DPC_STATUS_TRIGGER;
}

static noinline bool has_link(struct pci_dev *port)
{
	u32 cap = 0;
	u16 link = 0;

	pcie_capability_read_dword(port, PCI_EXP_LNKCAP, &cap);
	pcie_capability_read_word(port, PCI_EXP_LNKSTA, &link);
	return cap & PCI_EXP_LNKCAP_DLLLARC && link & PCI_EXP_LNKSTA_DLLLA;
}

/*
 * As pciehp sees it: neither presence nor a link.  A port that is gone itself
 * reads as ones, which is no answer.  Mostly something is present: that is asked
 * first, and directly, as a port with a slot has that register.
 */
static bool slot_empty(struct pci_dev *port)
{
	u16 slot;

	if (!port->is_hotplug_bridge || !(pcie_caps_reg(port) & PCI_EXP_FLAGS_SLOT))
		return false;
	if (pci_read_config_word(port, pci_pcie_cap(port) + PCI_EXP_SLTSTA, &slot) ||
	    slot & PCI_EXP_SLTSTA_PDS)
		return false;
	return !has_link(port) && !contains_error(port);
}

/* Nothing can answer below a slot that is empty. */
static struct pci_dev *empty_port_above(struct pci_dev *pdev)
{
	struct pci_dev *port = pci_upstream_bridge(pdev);

	while (port && !slot_empty(port))
		port = pci_upstream_bridge(port);
	return port;
}

/*
 * A reset may ask many times, one method after the other.  Once a slot was
 * empty for long enough it is taken at its word until its handler has been there.
 */
static bool known_empty(struct pci_dev *port)
{
	struct sg_gate *gate = sg_gate_get_bus(port->subordinate);
	bool known;

	if (!gate)
		return false;
	spin_lock(&sg_lock);
	known = gate->empty;
	spin_unlock(&sg_lock);
	sg_gate_put(gate);

	return known;
}

static void remember_empty(struct pci_dev *port)
{
	struct sg_gate *gate = sg_gate_get_bus(port->subordinate);

	if (!gate)
		return;
	spin_lock(&sg_lock);
	gate->empty = true;
	spin_unlock(&sg_lock);
	sg_gate_put(gate);
}

static noinline bool stays_absent(struct pci_dev *pdev)
{
	unsigned long until = jiffies + msecs_to_jiffies(SG_ABSENT_MS);
	struct pci_dev *port;

	while (!marked(pdev)) {
		port = empty_port_above(pdev);
		if (!port)
			return false;
		if (known_empty(port))
			return true;
		if (time_after(jiffies, until)) {
			remember_empty(port);
			return true;
		}
		msleep(SG_ABSENT_POLL_MS);
	}
	return true;
}

/**
 * sg_absent - is the device gone for good?
 * @pdev: the device, referenced by the caller
 *
 * Returns at once for one that is there.  Else it waits for a moment, as a link
 * may only be on its way up; hardware time.
 */
bool sg_absent(struct pci_dev *pdev)
{
	might_sleep();
	return (marked(pdev) || empty_port_above(pdev)) && stays_absent(pdev);
}

/* sg_slot_absent - is what was in the slot of @port known to be gone?  Never waits. */
bool sg_slot_absent(struct pci_dev *port)
{
	return slot_empty(port) && known_empty(port);
}

static bool answers(struct pci_dev *pdev)
{
	u32 val = 0;

	pci_read_config_dword(pdev, PCI_COMMAND, &val);
	return val != ~0U;
}

/* Returns true if the device answers, or the time is over. */
static bool answers_within(struct pci_dev *pdev, unsigned int ms)
{
	unsigned long until = jiffies + msecs_to_jiffies(ms);
	unsigned int delay = 1;

	while (!answers(pdev) && time_before(jiffies, until)) {
		if (sg_absent(pdev))
			return false;
		msleep(delay);
		delay = min(2 * delay, SG_ABSENT_POLL_MS);
	}
	return true;
}

/*
 * What goes while it is being reset goes within the first moments, or else the
 * original, which on later kernels also brings failed links up again, waits for
 * it as long as it does.
 */
SG_WRAP(int, pci_dev_wait, struct pci_dev *pdev, char *reset_type, int timeout)
{
	if (SG_DEV_WAIT_ASKS_ONCE && answers(pdev))
		return 0;
	if (!answers_within(pdev, min(timeout, SG_DEV_WAIT_WATCHED_MS)))
		return -ENOTTY;
	return SG_ORIGINAL(pci_dev_wait)(pdev, reset_type, timeout);
}
