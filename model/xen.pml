/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xen.pml - xen-pciback: devices that guests have, and that they lose
 *
 * That unbinding a device takes it from its guest, and resets it, is in unbind_drive().
 */

/* pcistub_put_pci_dev() for one device: "passthrough" and "vpci", and both for all of a guest's */
inline put_device(d)
{
	mutex_lock(DEVICE_LOCK + d);
	if
	:: driver[d] == PCIBACK && opened[d] -> take_from_guest(d)
	:: else
	fi;
	mutex_unlock(DEVICE_LOCK + d)
}

/* One device is detached, or the guest ends: by the one xenbus thread. */
proctype detach(bool all)
{
	LOCALS;

	put_device(DA);
	if
	:: all -> put_device(DC)
	:: else
	fi
}

#define can_give(d)	(driver[d] == PCIBACK && present[d] && !opened[d] && !asked[d])

/* Within atomic. */
inline give_to_guest(d)
{
	watches(WATCH_OWNER, !dirty[d]);
	opened[d] = true;
	dirty[d] = true;
	takes(CLOSED + d)
}

/* pcistub_get_pci_dev(): the next guest.  What is owed is paid first, or there is no device. */
proctype attach(byte d)
{
	LOCALS;

	ret = ENODEV;
	if
	:: atomic { can_give(d) && !owed[d] -> give_to_guest(d) }
	:: can_give(d) && owed[d] -> try_reset_function(d)
	:: else
	fi;
	atomic {
		if
		:: ret == DONE && can_give(d) && !owed[d] -> give_to_guest(d)
		:: else
		fi
	}
}
