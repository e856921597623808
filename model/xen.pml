/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xen.pml - xen-pciback gives DA back: from a guest, by the xenbus thread
 *
 * That unbinding it resets it as well is in unbind_drive().
 */
proctype detach()
{
	LOCALS;

	mutex_lock(DEVICE_LOCK + DA);
	if
	:: driver[DA] == PCIBACK -> reset_locked(DA)
	:: else
	fi;
	mutex_unlock(DEVICE_LOCK + DA)
}
