/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * error.pml - error recovery, reset of all below a bridge, vfio's part in both
 */

/*
 * Callbacks of the drivers below, each with its device locked, all under the bus list
 * semaphore.  Those of vfio take its igate.
 */
inline walk(p)
{
	down_read(BUS_SEM);
	x = DEVICES;
	do
	:: next_within(x, p, true);
		if
		:: x == NONE -> break
		:: else ->
			pass_mutex(DEVICE_LOCK + x);
			if
			:: x == DA && driver[DA] == VFIO && OPTION(igate) -> pass_mutex(IGATE)
			:: else
			fi
		fi
	od;
	x = 0;
	up_read(BUS_SEM)
}

/*
 * pci_slot_lock(), pci_bus_lock(): from the bridge down.  The first to be locked is the
 * bridge itself, since 6.1.
 */
inline lock_below(p, tries)
{
	ok = true;
	x = 0;
	do
	:: x < DEVICES && ok ->
		if
		:: present[x] && within(x, p) ->
			if
			:: tries -> mutex_trylock(DEVICE_LOCK + x, ok)
			:: else -> mutex_lock(DEVICE_LOCK + x)
			fi;
			has[x] = ok
		:: else
		fi;
		x++
	:: else -> break
	od;
	x = 0
}

/* With what else is below as after a reset. */
inline unlock_below(reset_done)
{
	atomic {
		x = 0;
		do
		:: x < DEVICES && has[x] ->
			has[x] = false;
			locked[DEVICE_LOCK + x] = false;
			held--;
			if
			:: reset_done -> dirty[x] = false; owed[x] = false
			:: else
			fi;
			gives(DEVICE_LOCK + x);
			x++
		:: x < DEVICES && !has[x] -> x++
		:: else -> break
		od;
		x = 0
	}
}

/*
 * pci_reset_hotplug_slot() and pciehp's hook, for callers that have not entered the
 * gate.  The core picks the hook, then calls it: its wrapper tries the gate.
 */
inline reset_hook(s)
{
	pick_hook(s);
	if
	:: ret == DONE ->
		enter_try(s);
		if
		:: ok -> pass_write(RESET_LOCK + s); leave(s)
		:: else -> ret = EAGAIN
		fi;
		atomic { hook_used[s] = false; gives(HOOK + s) }
	:: else
	fi
}

/* pci_bus_error_reset(): the slot, or the bus as a whole where that does not work */
inline error_reset(p)
{
	ret = ENOTTY;
	mutex_lock(SLOT_MUTEX);
	if
	:: hotplug[p] ->
		lock_below(p, false);
		reset_hook(p);
		unlock_below(ret == DONE)
	:: else
	fi;
	mutex_unlock(SLOT_MUTEX);
	if
	:: ret != DONE -> lock_below(p, false); unlock_below(true)
	:: else
	fi
}

/* pcie_do_recovery(), in the AER interrupt thread of a root port */
proctype recovery(byte p)
{
	LOCALS;
	bool has[DEVICES];

	atomic {
		if
		:: driver[p] != NO_DRIVER -> recovering[p] = true; takes(RECOVERY + p)
		:: else -> goto out
		fi
	};
	walk(p);
	if
	:: gate[p] && (handler_inside[p] || handlers_waiting[p]) -> misses(GATE + p)
	:: else -> error_reset(p)
	fi;
	walk(p);
	atomic { recovering[p] = false; gives(RECOVERY + p) };
out:	skip
}

/* reset_subordinate_store(), since 6.14: tries all locks but the slot mutex */
proctype reset_subordinate(byte p)
{
	LOCALS;
	bool has[DEVICES];

	file_enter(RESET + p, ok);
	if
	:: ok ->
		mutex_lock(SLOT_MUTEX);
		if
		:: hotplug[p] ->
			lock_below(p, true);
			if
			:: ok -> reset_hook(p)
			:: else -> ret = EAGAIN
			fi;
			unlock_below(ret == DONE)
		:: else
		fi;
		mutex_unlock(SLOT_MUTEX);
		file_leave(RESET + p)
	:: else
	fi
}

/* vfio: setting up interrupts, igate held, may touch the device's memory: 6.1 and before */
proctype irq_setup()
{
	LOCALS;

	mutex_lock(IGATE);
	down_read(MEMORY_LOCK);
	up_read(MEMORY_LOCK);
	mutex_unlock(IGATE)
}

/* vfio's hot reset, of DA: memory_lock held, walks the bus */
proctype hot_reset()
{
	LOCALS;

	down_write(MEMORY_LOCK);
	pass_read(BUS_SEM);
	up_write(MEMORY_LOCK)
}
