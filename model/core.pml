/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * core.pml - the PCI core and the driver core: resets, binding, unbinding
 *
 * Locks that are given back before anything else can be waited for are one step:
 * nobody can meet them held.
 */
inline pass_mutex(thing)
{
	atomic {
		asks(thing);
		!locked[thing] -> say("@ %d passes %d\n", thing)
	}
}

inline pass_write(thing)
{
	atomic {
		asks(thing);
		writers_waiting[sem_of(thing)]++;
		sem_free(thing) ->
		writers_waiting[sem_of(thing)]--;
		say("@ %d passes %d\n", thing)
	}
}

inline pass_read(thing)
{
	atomic {
		asks(thing);
		(!writer[sem_of(thing)] && !writers_waiting[sem_of(thing)]) ->
		say("@ %d passes %d\n", thing)
	}
}

/* The core picks the hook of a slot and calls it: the driver had better stay. */
inline pick_hook(s)
{
	atomic {
		if
		:: hotplug[s] -> hook_used[s] = true; ret = DONE; takes(HOOK + s)
		:: else -> ret = ENOTTY
		fi
	}
}

/* Within atomic. */
inline drop_hook(s)
{
	hook_used[s] = false;
	gives(HOOK + s)
}

/* Within atomic. */
inline is_reset(d)
{
	dirty[d] = false;
	owed[d] = false
}

/*
 * __pci_reset_function_locked(), the original: a virtual function resets alone, a drive in a
 * slot without hot-plug driver by its bus, pci_parent_bus_reset().
 */
inline reset_original(d)
{
	if
	:: atomic { (d) == VA -> ret = DONE; is_reset(VA) }
	:: atomic { (d) != VA -> pick_hook(slot_of(d)) };
		if
		:: atomic { ret == DONE -> pass_write(RESET_LOCK + slot_of(d)) };
			atomic { drop_hook(slot_of(d)); is_reset(d) }
		:: atomic { ret != DONE -> ret = DONE; is_reset(d) }
		fi
	fi
}

/* The wrapper of the forms for one function whose caller has its lock. */
inline reset_locked(d)
{
	atomic { tried = true; enter_try(slot_of(d)) };
	if
	:: ok -> reset_original(d); leave(slot_of(d))
	:: atomic {
		!ok -> ret = EAGAIN;
		if
		:: releasing -> debt_note(d)
		:: else
		fi
	   }
	fi
}

/* pci_dev_lock() and its try form; a reset of 6.12 and later locks the bridge, too. */
inline reset_trylock(d)
{
	atomic {
		if
		:: locked[DEVICE_LOCK + d] -> ok = false; misses(DEVICE_LOCK + d)
		:: else ->
			if
			:: OPTION(bridge) && locked[DEVICE_LOCK + slot_of(d)] ->
				ok = false;
				misses(DEVICE_LOCK + slot_of(d))
			:: else ->
				ok = true;
				locked[DEVICE_LOCK + d] = true;
				held++;
				takes(DEVICE_LOCK + d);
				if
				:: OPTION(bridge) ->
					locked[DEVICE_LOCK + slot_of(d)] = true;
					held++;
					takes(DEVICE_LOCK + slot_of(d))
				:: else
				fi
			fi
		fi
	}
}

inline reset_lock(d)
{
	if
	:: atomic { OPTION(bridge) -> mutex_lock(DEVICE_LOCK + slot_of(d)) };
		mutex_lock(DEVICE_LOCK + d)
	:: atomic { !OPTION(bridge) -> mutex_lock(DEVICE_LOCK + d) }
	fi
}

inline reset_unlock(d)
{
	if
	:: atomic { OPTION(bridge) -> mutex_unlock(DEVICE_LOCK + d) };
		mutex_unlock(DEVICE_LOCK + slot_of(d))
	:: atomic { !OPTION(bridge) -> mutex_unlock(DEVICE_LOCK + d) }
	fi
}

#define reset_locks_free(d)	(!locked[DEVICE_LOCK + (d)] && \
				 (!c_expr { opt_bridge } || !locked[DEVICE_LOCK + slot_of(d)]))

/*
 * pci_reset_function(), whose caller holds no lock.  Where the wrapper comes back in
 * 20 ms for a device lock that was busy, here it comes back when that is free (poll:
 * at any time), so that one that never is shows as a task that waits for ever.  With R2
 * left out, device locks are waited for inside the gate.
 */
#ifdef STOCK
inline pci_reset_function(d)
{
	reset_lock(d);
	reset_original(d);
	reset_unlock(d)
}
#else
inline pci_reset_function(d)
{
	do
	:: sg_gate_reset_begin(slot_of(d), d);
		if
		:: ret == ENODEV -> break
		:: atomic { ret != ENODEV && KEPT(2) -> reset_trylock(d) }
		:: ret != ENODEV && !KEPT(2) -> reset_lock(d); ok = true
		fi;
		if
		:: ok -> reset_original(d); reset_unlock(d)
		:: !ok -> ret = EAGAIN
		fi;
		if
		:: atomic { in_reset != 0 -> sg_gate_reset_end(slot_of(d)) }
		:: in_reset == 0
		fi;
		if
		:: atomic {
			ret == EAGAIN && KEPT(8) ->
			asks(DEVICE_LOCK + d);
			(reset_locks_free(d) || leaving(d) || OPTION(poll)) -> misses(DEVICE_LOCK + d)
		   }
		:: !(ret == EAGAIN && KEPT(8)) -> break
		fi
	od
}
#endif

/*
 * pci_device_probe(), the caller has the device lock.  Its wrapper: no driver for a device
 * that is owed a reset, or leaving.
 */
inline probe(d)
{
	if
	:: atomic { driver[d] != NO_DRIVER || !present[d] || leaving(d) -> skip }
	:: atomic {
		!(driver[d] != NO_DRIVER || !present[d] || leaving(d)) ->
		ret = (owed[d] -> EAGAIN : DONE)
	   };
		if
		:: ret == EAGAIN ->
			reset_locked(d);
			if
			:: atomic { ret != DONE -> probe_put_off[d] = true; kick_debts() }
			:: ret == DONE
			fi
		:: ret == DONE
		fi;
		if
		:: atomic {
			ret == DONE ->
			watches(WATCH_OWNER, !dirty[d]);
			driver[d] = NATIVE
		   }
		:: ret != DONE
		fi
	fi
}

/*
 * device_del() takes the lock, then removes the files, waiting for who is inside; then off the
 * list.  Only files that an agent writes or reads are there.  Whoever took the lock in between
 * has the old device's, which the one that is found next knows nothing of: it is waited for.
 */
inline destroy(d)
{
	pass_mutex(DEVICE_LOCK + d);
	if
	:: atomic { (d) == DA || (d) == PC -> file_remove(RESCAN + d) }
	:: !((d) == DA || (d) == PC)
	fi;
	if
	:: atomic { (d) == DA || (d) == DC || (d) == PA -> file_remove(RESET + d) }
	:: !((d) == DA || (d) == DC || (d) == PA)
	fi;
	if
	:: atomic { (d) == DA -> file_remove(NUMVFS) }
	:: atomic { (d) == PA || (d) == PB -> file_remove(BUS_RESCAN + d) }
	:: !((d) == DA || (d) == PA || (d) == PB)
	fi;
	atomic {
		watches(WATCH_LIST, has_lock || !locked[RESCAN_LOCK]);
		pass_write(BUS_SEM);
		pass_mutex(DEVICE_LOCK + d);
		present[d] = false;
		if
		:: payee == (d) -> payee = NONE
		:: else
		fi;
		watches(WATCH_ORPHAN, (d) != DA || !present[VA])
	}
}

/* vfio, its lock held, waits until the device is closed: for ever, if the owner does not let go. */
inline wait_closed(d)
{
	atomic {
		watches(WATCH_RULES, !in_topology || !GATES);	/* R4 */
		asked[d] = true;
		asks(CLOSED + d);
		if
		:: !opened[d] -> asked[d] = false; driver[d] = NO_DRIVER; say("@ %d gets %d\n", CLOSED + d)
		:: opened[d] && d == DC && OPTION(stubborn) -> goto end_stuck
		fi
	}
}

/* Within atomic. */
inline unbound(d)
{
	driver[d] = NO_DRIVER;
	mutex_unlock(DEVICE_LOCK + d)
}

/* sg_unbind_functions(), or what the removal does first */
inline unbind_function()
{
	if
	:: atomic { present[VA] && driver[VA] != NO_DRIVER -> mutex_lock(DEVICE_LOCK + VA) };
		if
		:: atomic { driver[VA] == VFIO -> wait_closed(VA) }
		:: driver[VA] != VFIO
		fi;
		atomic { unbound(VA) }
	:: else
	fi
}

inline destroy_function()
{
	if
	:: present[VA] -> destroy(VA)
	:: else
	fi
}

/*
 * sriov_disable(), by the driver that is unbound, its device lock held: the rescan/remove
 * lock is not taken.  The wrapper unbinds the functions' drivers, then enters the topology
 * gate, or borrows it, or goes on without: topology_enter_locked().
 */
inline driver_disables()
{
	if
	:: GATES && !in_topology ->
		leaving_below[DA]++;
		unbind_function();
		topology_enter_locked();
		destroy_function();
		topology_exit_locked();
		leaving_below[DA]--
	:: else -> unbind_function(); destroy_function()
	fi
}

/* pcistub_put_pci_dev() and its wrapper, the device lock held: a guest loses the device */
inline take_from_guest(d)
{
	mutex_lock(STUB_SEM);
	releasing = true;
	reset_locked(d);
	atomic {
		releasing = false;
		tried = false;
		opened[d] = false;
		gives(CLOSED + d);
		mutex_unlock(STUB_SEM);
		kick_debts()
	}
}

/*
 * pcistub_remove(), then pcistub_device_release(): from the guest that has it, off the list of
 * what guests can get, for good.
 */
inline pciback_unbind(d)
{
	asked[d] = true;
	if
	:: opened[d] -> take_from_guest(d)
	:: !opened[d]
	fi;
	releasing = true;
	reset_locked(d);
	atomic {
		releasing = false;
		tried = false;
		asked[d] = false;
		driver[d] = NO_DRIVER;
		kick_debts()
	}
}

/* device_release_driver() of a drive, its lock held: all but that it is without driver then */
inline unbind_drive(d)
{
	if
	:: atomic { driver[d] == VFIO -> wait_closed(d) }
	:: driver[d] == PCIBACK -> pciback_unbind(d)
	:: driver[d] == NATIVE && (d) == DA && present[VA] && !OPTION(keep_vfs) -> driver_disables()
	:: else
	fi
}
