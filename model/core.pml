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

/* __pci_reset_function_locked(), the original: a virtual function resets alone. */
inline reset_original(d)
{
	if
	:: (d) == VA -> ret = DONE
	:: is_port(d) -> ret = ENOTTY
	:: else ->
		pick_hook(slot_of(d));
		if
		:: ret == DONE ->
			pass_write(RESET_LOCK + slot_of(d));
			atomic { hook_used[slot_of(d)] = false; gives(HOOK + slot_of(d)) }
		:: else
		fi
	fi;
	if
	:: ret == DONE -> dirty[d] = false; owed[d] = false
	:: else
	fi
}

/* The wrapper of the forms for one function whose caller has its lock. */
inline reset_locked(d)
{
	tried = true;
	enter_try(slot_of(d));
	if
	:: ok -> reset_original(d); leave(slot_of(d))
	:: else -> ret = EAGAIN
	fi;
	if
	:: ret == EAGAIN && releasing -> debt_note(d)
	:: else
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
	:: OPTION(bridge) -> mutex_lock(DEVICE_LOCK + slot_of(d))
	:: else
	fi;
	mutex_lock(DEVICE_LOCK + d)
}

inline reset_unlock(d)
{
	mutex_unlock(DEVICE_LOCK + d);
	if
	:: OPTION(bridge) -> mutex_unlock(DEVICE_LOCK + slot_of(d))
	:: else
	fi
}

#define reset_locks_free(d)	(!locked[DEVICE_LOCK + (d)] && \
				 (!c_expr { opt_bridge } || !locked[DEVICE_LOCK + slot_of(d)]))

/*
 * pci_reset_function(), whose caller holds no lock.  Where the wrapper comes back in
 * 20 ms for a device lock that was busy, here it comes back when that is free, so
 * that one that never is shows as a task that waits for ever.  With R2 left out,
 * device locks are waited for inside the gate.
 */
inline pci_reset_function(d)
{
	do
	:: true ->
		sg_gate_reset_begin(slot_of(d), d);
		if
		:: ret == ENODEV -> break
		:: ret != ENODEV && GATES && KEPT(2) -> reset_trylock(d)
		:: else -> reset_lock(d); ok = true
		fi;
		if
		:: ok -> reset_original(d); reset_unlock(d)
		:: else -> ret = EAGAIN
		fi;
		if
		:: in_reset -> sg_gate_reset_end(slot_of(d))
		:: else
		fi;
		if
		:: ret == EAGAIN && KEPT(8) ->
			atomic {
				asks(DEVICE_LOCK + d);
				(reset_locks_free(d) || leaving(d)) -> misses(DEVICE_LOCK + d)
			}
		:: else -> break
		fi
	od
}

/*
 * pci_device_probe(), the caller has the device lock.  Its wrapper: no driver for a device
 * that is owed a reset, or leaving.
 */
inline probe(d)
{
	if
	:: driver[d] != NO_DRIVER || !present[d] || leaving(d)
	:: else ->
		ret = DONE;
		if
		:: owed[d] ->
			reset_locked(d);
			if
			:: ret != DONE -> atomic { probe_put_off[d] = true; kick_debts() }
			:: else
			fi
		:: else
		fi;
		if
		:: ret == DONE ->
			atomic {
				watches(WATCH_OWNER, !dirty[d]);
				driver[d] = NATIVE
			}
		:: else
		fi
	fi
}

/* device_del() removes the files, waiting for who is inside; then off the list. */
inline destroy(d)
{
	file_remove(RESCAN + d);
	file_remove(RESET + d);
	file_remove(NUMVFS + d);
	file_remove(BUS_RESCAN + d);
	watches(WATCH_LIST, has_lock || !locked[RESCAN_LOCK] || writer_inside);
	atomic {
		pass_write(BUS_SEM);
		present[d] = false;
		watches(WATCH_ORPHAN, (d) != DA || !present[VA])
	}
}

/* vfio, its lock held, waits until the device is closed: for ever, if the owner does not let go. */
inline wait_closed(d)
{
	watches(WATCH_RULES, !in_topology || !c_expr { opt_gates });	/* R4 */
	atomic {
		asked[d] = true;
		asks(CLOSED + d);
		if
		:: !opened[d] -> asked[d] = false; driver[d] = NO_DRIVER; say("@ %d gets %d\n", CLOSED + d)
		:: opened[d] && d == DC && OPTION(stubborn) -> goto end_stuck
		fi
	}
}

/* sg_unbind_functions(), or what the removal does first */
inline unbind_function()
{
	if
	:: present[VA] && driver[VA] != NO_DRIVER ->
		mutex_lock(DEVICE_LOCK + VA);
		if
		:: driver[VA] == VFIO -> wait_closed(VA)
		:: else
		fi;
		driver[VA] = NO_DRIVER;
		mutex_unlock(DEVICE_LOCK + VA)
	:: else
	fi
}

/*
 * sriov_disable(), by the driver that is unbound, its device lock held: the rescan/remove
 * lock is not taken.  The wrapper unbinds the functions' drivers, then enters the topology
 * gate, unless who is inside wants that lock.
 */
inline driver_disables()
{
	if
	:: GATES && !in_topology ->
		leaving_below[DA]++;
		unbind_function();
		topology_enter_locked();
		if
		:: present[VA] -> destroy(VA)
		:: else
		fi;
		if
		:: in_topology -> sg_topology_exit()
		:: else
		fi;
		leaving_below[DA]--
	:: else ->
		unbind_function();
		if
		:: present[VA] -> destroy(VA)
		:: else
		fi
	fi
}

/* device_release_driver() of a drive, its lock held */
inline unbind_drive(d)
{
	if
	:: driver[d] == VFIO -> wait_closed(d)
	:: driver[d] == PCIBACK -> releasing = true; reset_locked(d); releasing = false; tried = false
	:: driver[d] == NATIVE && (d) == DA && present[VA] && !OPTION(keep_vfs) -> driver_disables()
	:: else
	fi;
	driver[d] = NO_DRIVER
}
