/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xen.pml - xen-pciback: devices that guests have, and that they lose
 *
 * That unbinding a device takes it from its guest, and resets it, is in unbind_drive().
 * One thread serves all of xenbus: one guest after the other gets and loses devices.
 */
bool xenbus_busy;

inline xenbus_begin()
{
	atomic {
		asks(XENBUS);
		!xenbus_busy -> xenbus_busy = true;
		takes(XENBUS)
	}
}

inline xenbus_end()
{
	atomic {
		xenbus_busy = false;
		gives(XENBUS)
	}
}

/* The original of the release, for one that the guest has not: nothing. */
inline release_original(d)
{
	if
	:: driver[d] == PCIBACK && opened[d] -> take_from_guest(d)
	:: else
	fi
}

/*
 * "passthrough" and "vpci", where they are to take the device lock themselves.  The wrapper,
 * release_unlocked(), enters the gate first, or finds none, and tries the lock; what leaves is
 * waited for.  Comes back as pci_reset_function() does.
 */
#ifdef STOCK
inline put_device(d)
{
	mutex_lock(DEVICE_LOCK + d);
	release_original(d);
	mutex_unlock(DEVICE_LOCK + d)
}
#else
inline put_device(d)
{
	do
	:: sg_gate_reset_begin(slot_of(d), d);
		if
		:: atomic { ret == ENODEV -> mutex_lock(DEVICE_LOCK + d); ok = true }
		:: atomic { ret != ENODEV -> mutex_trylock(DEVICE_LOCK + d, ok) }
		fi;
		if
		:: ok -> release_original(d); mutex_unlock(DEVICE_LOCK + d); ok = true
		:: !ok
		fi;
		if
		:: atomic { in_reset != 0 -> sg_gate_reset_end(slot_of(d)) }
		:: in_reset == 0
		fi;
		if
		:: ok -> break
		:: atomic {
			!ok ->
			asks(DEVICE_LOCK + d);
			(!locked[DEVICE_LOCK + d] || leaving(d) || OPTION(poll)) -> misses(DEVICE_LOCK + d)
		   }
		fi
	od
}
#endif

/* One device is detached, or the guest ends. */
proctype detach(bool all)
{
	LOCALS;

	xenbus_begin();
	put_device(DA);
	if
	:: all -> put_device(DC)
	:: else
	fi;
	xenbus_end()
}

/* Within atomic.  The original of pcistub_get_pci_dev_by_slot(). */
inline give_to_guest(d)
{
	if
	:: driver[d] == PCIBACK && present[d] && !opened[d] ->
		watches(WATCH_OWNER, !dirty[d]);
		opened[d] = true;
		dirty[d] = true;
		takes(CLOSED + d)
	:: else
	fi
}

#define can_pay(d)	(!owed[d] || (gate_open(slot_of(d)) && reset_locks_free(d)))

/*
 * The next guest.  What is owed is paid first, then the device handed out with its lock, tried,
 * so that nobody takes it from its last guest meanwhile; or there is no device: it leaves, or
 * ten seconds were not enough.
 */
proctype attach(byte d)
{
	LOCALS;

	xenbus_begin();
	do
	:: ret = DONE;
		if
		:: owed[d] -> try_reset_function(d)
		:: else
		fi;
		if
		:: ret == DONE ->
			mutex_trylock(DEVICE_LOCK + d, ok);
			if
			:: ok ->
				atomic {
					ok = !owed[d];
					if
					:: ok -> give_to_guest(d)
					:: else
					fi;
					mutex_unlock(DEVICE_LOCK + d)
				}
			:: !ok
			fi
		:: ret != DONE -> ok = false
		fi;
		if
		:: ok -> break
		:: !ok -> break
		:: atomic { !ok && (OPTION(poll) || (can_pay(d) && !locked[DEVICE_LOCK + d] && !leaving(d))) -> skip }
		fi
	od;
	xenbus_end()
}
