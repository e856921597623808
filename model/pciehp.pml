/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pciehp.pml - the hot-plug driver: interrupt thread, power file, coming and going
 */
bool thread_stops[SLOTS];

/* pciehp_check_presence(), at probe and when the port resumes */
inline check_presence(s)
{
	down_read(RESET_LOCK + s);
	atomic {
		if
		:: hotplug[s] && !present[device_in(s)] && request[s] == NOTHING ->
			request[s] = FOUND
		:: else
		fi
	};
	up_read(RESET_LOCK + s)
}

/*
 * pciehp_remove(): the power file goes, then the interrupt thread, then the slot.
 * Also the wrappers of it and of pci_hp_destroy().
 */
inline pciehp_remove(s)
{
	mutex_lock(SERVICE_LOCK + s);
	if
	:: hotplug[s] ->
		sg_gate_kill(s);
		file_remove(POWER + s);
		atomic {
			thread_stops[s] = true;
			await(HANDLER + s, !handling[s]);
			hotplug[s] = false
		};
		atomic {
			pass_mutex(SLOT_MUTEX);
			watches(WATCH_HOOK, !hook_used[s]);
			gate[s] = false;
			dying[s] = false;
			mutex_unlock(SERVICE_LOCK + s)
		}
	:: else -> mutex_unlock(SERVICE_LOCK + s)
	fi
}

/* pciehp_probe(), by the port driver */
inline pciehp_probe(s)
{
	atomic {
		pass_mutex(SLOT_MUTEX);
		hotplug[s] = true;
		gate[s] = GATES;
		thread_stops[s] = false;
		file_gone[file_of(POWER + s)] = false
	};
	check_presence(s)
}

/*
 * pci_stop_dev(): unbinds; of a port, AER's service goes first, then pciehp's, and the
 * wrapper of pcie_portdrv_remove() before both.
 */
inline stop(d)
{
	mutex_lock(DEVICE_LOCK + d);
	if
	:: atomic { is_port(d) && driver[d] != NO_DRIVER -> port_unbinding[d] = true; sg_gate_kill(d) };
		await(RECOVERY + d, !recovering[d]);
		pciehp_remove(d);
		atomic { port_unbinding[d] = false; unbound(d) }
	:: !is_port(d) -> unbind_drive(d); atomic { unbound(d) }
	:: atomic { is_port(d) && driver[d] == NO_DRIVER -> mutex_unlock(DEVICE_LOCK + d) }
	fi
}

/* pci_stop_and_remove_bus_device() of the root, or of all below it: stops all, then removes all */
inline stop_and_remove(root, below_only)
{
	atomic { removal_inside = within(DA, root); x = DEVICES };
	do
	:: atomic {
		next_within(x, root, below_only);
		if
		:: x == NONE -> x = DEVICES; break
		:: else
		fi
	   };
		stop(x)
	od;
	do
	:: atomic {
		next_within(x, root, below_only);
		if
		:: x == NONE -> x = 0; break
		:: else
		fi
	   };
		destroy(x)
	od
}

/* The next one whose driver is to be unbound early, or whose functions are left. */
inline next_bound(root, below_only)
{
	d_step {
		do
		:: x <= DA -> x = NONE; break
		:: else ->
			x--;
			if
			:: present[x] && within(x, root) && !(below_only && x == root) &&
			   (driver[x] != NO_DRIVER || (x == DA && present[VA])) -> break
			:: else
			fi
		od
	}
}

/*
 * Early unbind.  Of a physical function the virtual ones go with it: their drivers first,
 * then itself, then those that its driver left behind.  void_claim: as for handler_enter().
 */
inline sg_unbind(root, below_only, void_claim)
{
	pass_read(BUS_SEM);
	x = DEVICES;
	do
	:: atomic {
		if
		:: KEPT(4) -> next_bound(root, below_only)
		:: !KEPT(4) -> x = NONE
		fi;
		if
		:: x == NONE -> x = 0; break
		:: else
		fi
	   };
		if
		:: x == VA -> unbind_function()
		:: x != VA && driver[x] != NO_DRIVER ->
			traces(EARLY_UNBIND_BEGIN, x);
			mutex_lock(DEVICE_LOCK + x);
			unbind_drive(x);
			atomic { unbound(x) };
			traces(EARLY_UNBIND_END, x)
		:: else
		fi;
		if
		:: x == DA && present[VA] ->
			sg_topology_enter(void_claim);
			if
			:: ok && present[VA] && present[DA] -> destroy(VA)
			:: else
			fi;
			if
			:: atomic { ok -> sg_topology_exit() }
			:: !ok
			fi
		:: else
		fi
	od
}

/* handler_enter() of wrap_pciehp.c */
inline handler_enter(s)
{
	sg_topology_enter(dying[s] && leaving(s));
	down_read(RESET_LOCK + s)
}

/* Given back around binding and unbinding drivers, since 2023. */
inline give_reset_lock(s)
{
	atomic {
		if
		:: OPTION(old)
		:: !OPTION(old) -> up_read(RESET_LOCK + s)
		fi
	}
}

inline take_reset_lock(s)
{
	atomic {
		if
		:: OPTION(old)
		:: !OPTION(old) -> down_read(RESET_LOCK + s)
		fi
	}
}

/* pciehp_unconfigure_device(): the caller has reset_lock.  Who finds a device again is not leaving. */
inline unconfigure(s)
{
	gates(
		atomic { leaving_below[s]++; up_read(RESET_LOCK + s) };
		sg_unbind(s, true, dying[s] && leaving(s));
		handler_enter(s)
	)
	stock(
		lock_rescan_remove();
		ok = true
	);
	if
	:: atomic { ok -> give_reset_lock(s) };
		stop_and_remove(s, true);
		atomic {
			take_reset_lock(s);
			gates(leaving_below[s]--)
		};
		unlock_rescan_remove()
	:: atomic {
		!ok ->
		gates(leaving_below[s]--)
	   }
	fi
}

/*
 * A device is found again: its files are new, and nothing refuses drivers.  device_add() takes
 * its lock once more after others can see it.
 */
inline appear(d)
{
	pass_mutex(SLOT_MUTEX);
	atomic {
		pass_write(BUS_SEM);
		present[d] = true;
		if
		:: (d) == DA || (d) == PC -> file_gone[file_of(RESCAN + d)] = false
		:: else
		fi;
		file_gone[file_of(RESET + d)] = false;
		if
		:: (d) == DA -> file_gone[file_of(NUMVFS)] = false
		:: else
		fi
	};
	pass_mutex(DEVICE_LOCK + d)
}

/* pci_bus_add_devices(): drivers are bound */
inline add(d)
{
	mutex_lock(DEVICE_LOCK + d);
	if
	:: d == PC -> pciehp_probe(SLOT_C); driver[PC] = NATIVE
	:: d != PC -> probe(d)
	fi;
	mutex_unlock(DEVICE_LOCK + d)
}

/* pciehp_configure_device() */
inline configure(s)
{
	gates(
		atomic { up_read(RESET_LOCK + s); sg_topology_enter(dying[s] && leaving(s)) };
		down_read(RESET_LOCK + s)
	)
	stock(
		lock_rescan_remove();
		ok = true
	);
	if
	:: ok ->
		if
		:: present[device_in(s)] || leaving(s)
		:: else ->
			x = device_in(s);
			appear(x);
			give_reset_lock(s);
			gates(sg_gate_event_end(s);)
			add(x);
			atomic { take_reset_lock(s); x = 0 }
		fi;
		unlock_rescan_remove()
	:: !ok
	fi
}

/* pciehp_ist(): the interrupt thread of slot s */
proctype handler(byte s)
{
	LOCALS;
	byte event;

	me = s + 1;
end:	do
	:: atomic {
		hotplug[s] && !thread_stops[s] && request[s] != NOTHING ->
		handling[s] = true;
		event = request[s];
		request[s] = NOTHING;
		takes(HANDLER + s)
	   };
		gates(sg_gate_event_begin(s);)
		down_read(RESET_LOCK + s);
		if
		:: event != FOUND -> unconfigure(s)
		:: event == FOUND
		fi;
		if
		:: event == FOUND || event == FLAP -> configure(s)
		:: event != FOUND && event != FLAP
		fi;
		up_read(RESET_LOCK + s);
		gates(sg_gate_event_end(s);)
		atomic {
			kick_debts();
			handling[s] = false;
			event = NOTHING;
			ok = false;
			ret = 0;
			gives(HANDLER + s)
		}
	od;
	STUCK
}

/* pciehp_sysfs_disable_slot() and _enable_slot(): waits inside the slot's power file */
proctype power(byte s; byte event)
{
	LOCALS;

	file_enter(POWER + s, ok);
	if
	:: ok ->
		request[s] = event;
		atomic { await(HANDLER + s, request[s] == NOTHING && !handling[s]); file_leave(POWER + s) }
	:: !ok
	fi
}

/* The card is pulled or comes: an event nobody waits for. */
proctype card(byte s; byte event)
{
	if
	:: hotplug[s] -> request[s] = event
	:: else
	fi
}

/* The port resumes: pciehp_runtime_resume() */
proctype resume(byte s)
{
	LOCALS;

	check_presence(s)
}

/* "unbind" of a driver, and of pciehp's service alone */
proctype unbind(byte d)
{
	LOCALS;

	if
	:: present[d] -> stop(d)
	:: else
	fi;
	goto done;
	STUCK;
done:	skip
}

proctype unbind_service(byte s)
{
	LOCALS;

	pciehp_remove(s)
}
