/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * error.pml - error recovery, reset of all below a bridge, vfio's part in both
 */

/*
 * Callbacks of the drivers below, each with its device locked, all under the bus list
 * semaphore; the wrapper of pci_walk_bus() calls back with nothing held.  Those of vfio
 * take its igate, those of xen-pciback its semaphore.
 */
inline walk(p)
{
	gates(pass_read(BUS_SEM);)
	stock(down_read(BUS_SEM);)
	x = DEVICES;
	do
	:: atomic {
		next_within(x, p, true);
		if
		:: x == NONE -> x = 0; break
		:: x != NONE && OPTION(back) -> mutex_lock(DEVICE_LOCK + x)
		:: x != NONE && !OPTION(back) -> pass_mutex(DEVICE_LOCK + x)
		fi
	   };
		if
		:: atomic { OPTION(back) && driver[x] == PCIBACK -> pass_mutex(STUB_SEM); mutex_unlock(DEVICE_LOCK + x) }
		:: atomic { OPTION(back) && driver[x] != PCIBACK -> mutex_unlock(DEVICE_LOCK + x) }
		:: atomic { x == DA && OPTION(igate) && driver[DA] == VFIO -> pass_mutex(IGATE) }
		:: !OPTION(back) && !(x == DA && OPTION(igate) && driver[DA] == VFIO)
		fi
	od;
	stock(up_read(BUS_SEM))
}

/* The next one, from the bridge down. */
inline next_below(p)
{
	d_step {
		do
		:: x >= DEVICES || (present[x] && within(x, p)) -> break
		:: else -> x++
		od
	}
}

/*
 * pci_slot_lock(), pci_bus_lock(): from the bridge down.  The first to be locked is the
 * bridge itself, since 6.1.
 */
inline lock_below(p, tries)
{
	atomic { ok = true; x = 0 };
	do
	:: atomic {
		next_below(p);
		if
		:: x >= DEVICES || !ok -> x = 0; break
		:: x < DEVICES && ok && tries -> mutex_trylock(DEVICE_LOCK + x, ok)
		:: x < DEVICES && ok && !tries -> mutex_lock(DEVICE_LOCK + x)
		fi;
		has[x] = ok;
		x++
	   }
	od
}

/* May all of these locks be had? */
#define below_free(p)	(!locked[DEVICE_LOCK + (p)] && \
	((p) != PA || (!(present[DA] && locked[DEVICE_LOCK + DA]) && !(present[VA] && locked[DEVICE_LOCK + VA]))) && \
	((p) == PA || !(present[DC] && locked[DEVICE_LOCK + DC])) && \
	((p) != PB || !(present[PC] && locked[DEVICE_LOCK + PC])))

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
	:: atomic { ret == DONE -> enter_try(s) };
		if
		:: atomic { ok -> pass_write(RESET_LOCK + s) }; leave(s)
		:: !ok -> ret = EAGAIN
		fi;
		atomic { drop_hook(s) }
	:: ret != DONE
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

/*
 * error_reset() of wrap_error.c: nothing held, in the gate, device locks tried; leaves when
 * the port, or one above it, goes or loses its driver.  Nothing is reset if an event came
 * in between.
 */
#define recovery_leaves(p)	(leaving(p) || port_unbinding[p] || (p == PC && port_unbinding[PB]))

inline error_reset_gated(p)
{
	do
	:: atomic {
			watches(WATCH_RULES, !held);
			asks(GATE + p);
			if
			:: recovery_leaves(p) || !gate[p] -> ret = ENODEV; misses(GATE + p)
			:: !recovery_leaves(p) && gate[p] && gate_open(p) -> ret = DONE; enter_reset(p)
			fi
	   };
		if
		:: ret == ENODEV -> break
		:: ret != ENODEV
		fi;
		lock_below(p, true);
		if
		:: ok -> reset_hook(p)
		:: !ok -> ret = EAGAIN
		fi;
		unlock_below(ret == DONE);
		sg_gate_reset_end(p);
		if
		:: atomic {
			ret == EAGAIN ->
			asks(DEVICE_LOCK + p);
			(below_free(p) || recovery_leaves(p) || OPTION(poll)) -> misses(DEVICE_LOCK + p)
		   }
		:: ret != EAGAIN -> break
		fi
	od
}

/* The same without a gate, as pciehp does not drive the port any more: the bus is reset. */
inline error_reset_alone(p)
{
	do
	:: atomic { recovery_leaves(p) -> ret = ENODEV; break }
	:: atomic { !recovery_leaves(p) -> ret = EAGAIN };
		lock_below(p, true);
		if
		:: ok -> ret = DONE
		:: !ok
		fi;
		unlock_below(ret == DONE);
		if
		:: atomic {
			ret == EAGAIN ->
			asks(DEVICE_LOCK + p);
			(below_free(p) || recovery_leaves(p) || OPTION(poll)) -> misses(DEVICE_LOCK + p)
		   }
		:: ret != EAGAIN -> break
		fi
	od
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
	:: gate[p] -> error_reset_gated(p)
	:: else -> gates(error_reset_alone(p)) stock(error_reset(p))
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
	bool entered_file;

	file_enter(RESET + p, ok);
	entered_file = ok;
	if
	:: ok && gate[p] -> sg_gate_reset_begin(p, p); ok = (ret == DONE)
	:: else
	fi;
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
		mutex_unlock(SLOT_MUTEX)
	:: else
	fi;
	if
	:: in_reset -> sg_gate_reset_end(p)
	:: else
	fi;
	if
	:: entered_file -> file_leave(RESET + p)
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
