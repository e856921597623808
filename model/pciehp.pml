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
		thread_stops[s] = true;
		await(HANDLER + s, !handling[s]);
		hotplug[s] = false;
		pass_mutex(SLOT_MUTEX);
		atomic {
			watches(WATCH_HOOK, !hook_used[s]);
			gate[s] = false;
			dying[s] = false
		}
	:: else
	fi;
	mutex_unlock(SERVICE_LOCK + s)
}

/* pciehp_probe(), by the port driver */
inline pciehp_probe(s)
{
	pass_mutex(SLOT_MUTEX);
	atomic {
		hotplug[s] = true;
		gate[s] = c_expr { opt_gates };
		thread_stops[s] = false;
		file_gone[file_of(POWER + s)] = false;
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
	:: is_port(d) && driver[d] != NO_DRIVER ->
		port_unbinding[d] = true;
		sg_gate_kill(d);
		await(RECOVERY + d, !recovering[d]);
		pciehp_remove(d);
		driver[d] = NO_DRIVER;
		port_unbinding[d] = false
	:: !is_port(d) -> unbind_drive(d)
	:: else
	fi;
	mutex_unlock(DEVICE_LOCK + d)
}

/* pci_stop_and_remove_bus_device() of the root, or of all below it: stops all, then removes all */
inline stop_and_remove(root, below_only)
{
	removal_inside = within(DA, root);
	x = DEVICES;
	do
	:: next_within(x, root, below_only);
		if
		:: x != NONE -> stop(x)
		:: else -> break
		fi
	od;
	x = DEVICES;
	do
	:: next_within(x, root, below_only);
		if
		:: x != NONE -> destroy(x)
		:: else -> break
		fi
	od;
	x = 0
}

/*
 * Early unbind.  Of a physical function the virtual ones go with it: their drivers first,
 * then itself, then those that its driver left behind.  void_claim: as for handler_enter().
 */
inline sg_unbind(root, below_only, void_claim)
{
	if
	:: !KEPT(4)
	:: else ->
		pass_read(BUS_SEM);
		x = DEVICES;
		do
		:: next_within(x, root, below_only);
			if
			:: x == NONE -> break
			:: x != NONE && is_port(x)
			:: x != NONE && x == VA -> unbind_function()
			:: else ->
				if
				:: driver[x] != NO_DRIVER ->
					traces(EARLY_UNBIND_BEGIN, x);
					mutex_lock(DEVICE_LOCK + x);
					unbind_drive(x);
					mutex_unlock(DEVICE_LOCK + x);
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
					:: ok -> sg_topology_exit()
					:: else
					fi
				:: else
				fi
			fi
		od;
		x = 0
	fi
}

/* handler_enter() of wrap_pciehp.c */
inline handler_enter(s)
{
	sg_topology_enter(dying[s] && leaving(s));
	down_read(RESET_LOCK + s)
}

/* Before the topology gate is given back: who finds a device again then is not leaving. */
inline leave_end(announced)
{
	if
	:: GATES -> announced--
	:: else
	fi
}

/* pciehp_unconfigure_device(): the caller has reset_lock */
inline unconfigure(s)
{
	ok = true;
	if
	:: GATES ->
		leaving_below[s]++;
		up_read(RESET_LOCK + s);
		sg_unbind(s, true, dying[s] && leaving(s));
		handler_enter(s)
	:: else -> lock_rescan_remove()
	fi;
	if
	:: ok ->
		if
		:: OPTION(old)
		:: else -> up_read(RESET_LOCK + s)
		fi;
		stop_and_remove(s, true);
		if
		:: OPTION(old)
		:: else -> down_read(RESET_LOCK + s)
		fi;
		leave_end(leaving_below[s]);
		unlock_rescan_remove()
	:: else -> leave_end(leaving_below[s])
	fi
}

/* A device is found again: its files are new, and nothing refuses drivers. */
inline appear(d)
{
	pass_mutex(SLOT_MUTEX);
	atomic {
		pass_write(BUS_SEM);
		present[d] = true;
		file_gone[file_of(RESCAN + d)] = false;
		file_gone[file_of(RESET + d)] = false;
		file_gone[file_of(NUMVFS + d)] = false;
		file_gone[file_of(BUS_RESCAN + d)] = false
	}
}

/* pci_bus_add_devices(): drivers are bound */
inline add(d)
{
	mutex_lock(DEVICE_LOCK + d);
	if
	:: d == PC -> pciehp_probe(SLOT_C); driver[PC] = NATIVE
	:: else -> probe(d)
	fi;
	mutex_unlock(DEVICE_LOCK + d)
}

/* pciehp_configure_device() */
inline configure(s)
{
	ok = true;
	if
	:: GATES -> up_read(RESET_LOCK + s); handler_enter(s)
	:: else -> lock_rescan_remove()
	fi;
	if
	:: ok ->
		if
		:: present[device_in(s)] || leaving(s)
		:: else ->
			x = device_in(s);
			appear(x);
			if
			:: OPTION(old)
			:: else -> up_read(RESET_LOCK + s)
			fi;
			sg_gate_event_end(s);
			add(x);
			if
			:: OPTION(old)
			:: else -> down_read(RESET_LOCK + s)
			fi;
			x = 0
		fi;
		unlock_rescan_remove()
	:: else
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
		if
		:: GATES -> sg_gate_event_begin(s)
		:: else
		fi;
		down_read(RESET_LOCK + s);
		if
		:: event == FOUND
		:: else -> unconfigure(s)
		fi;
		if
		:: event == FOUND || event == FLAP -> configure(s)
		:: else
		fi;
		up_read(RESET_LOCK + s);
		sg_gate_event_end(s);
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
		await(HANDLER + s, request[s] == NOTHING && !handling[s]);
		file_leave(POWER + s)
	:: else
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
