/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sysfs.pml - what users write into files of the PCI core and of drivers
 */

/* remove_store() has left its file when it comes to the removal. */
proctype remove(byte d)
{
	LOCALS;

	if
	:: GATES ->
		leaving_device[d]++;
		sg_unbind(d, false, false);
		sg_topology_enter(false)
	:: else -> lock_rescan_remove()
	fi;
	stop_and_remove(d, false);
	leave_end(leaving_device[d]);
	unlock_rescan_remove();
	goto done;
	STUCK;
done:	skip
}

/*
 * dev_rescan_store(), bus_rescan_store() of the bus below a port: find a drive that
 * was removed, and whose slot has it still
 */
proctype rescan(byte file; byte d)
{
	LOCALS;

	file_enter(file, ok);
	if
	:: ok ->
		if
		:: GATES -> sg_topology_enter(leaving(d))
		:: else -> lock_rescan_remove()
		fi;
		if
		:: ok ->
			x = (present[DA] -> DC : DA);
			if
			:: !present[x] && present[slot_of(x)] -> appear(x); add(x)
			:: else
			fi;
			unlock_rescan_remove()
		:: else
		fi;
		file_leave(file)
	:: else
	fi
}

/* reset_store() */
proctype reset(byte d)
{
	LOCALS;

	file_enter(RESET + d, ok);
	if
	:: ok ->
		pci_reset_function(d);
		watches(WATCH_RESULT, ret == DONE || ret == ENOTTY || (ret == ENODEV && leaving(d)));
		file_leave(RESET + d)
	:: else
	fi
}

/* sriov_numvfs_show(), and its wrapper: waits for functions being added, and for no lock */
inline read_numvfs()
{
	file_enter(NUMVFS + DA, ok);
	if
	:: ok ->
		if
		:: GATES -> await(NUMVFS + DA, !adding)
		:: else -> pass_mutex(DEVICE_LOCK + DA)
		fi;
		file_leave(NUMVFS + DA)
	:: else
	fi
}

/*
 * enter_with_device_free() of wrap_sriov.c: the topology gate before the device lock, which
 * is not waited for inside but for the moment between the look and the lock.
 */
inline numvfs_enter()
{
	do
	:: true ->
		sg_topology_enter(leaving(DA));
		if
		:: ok && locked[DEVICE_LOCK + DA] ->
			sg_topology_exit();
			await(DEVICE_LOCK + DA, !locked[DEVICE_LOCK + DA] || leaving(DA))
		:: ok && !locked[DEVICE_LOCK + DA] -> writer_inside = true; break
		:: else -> break
		fi
	od
}

/* What the driver does when it is asked for no functions: disable_writing() of the wrapper. */
inline numvfs_off()
{
	if
	:: GATES ->
		sg_topology_exit();
		leaving_below[DA]++;
		unbind_function();
		atomic {
			asks(TOPOLOGY);
			(!topology_busy && !locked[RESCAN_LOCK]) -> topology_take();
			writer_inside = true
		};
		if
		:: present[VA] -> destroy(VA)
		:: else
		fi;
		leave_end(leaving_below[DA])
	:: else ->
		unbind_function();
		if
		:: present[VA] -> destroy(VA)
		:: else
		fi
	fi
}

/* sriov_numvfs_store(): functions come or go under device lock and rescan/remove lock */
proctype numvfs(bool on)
{
	LOCALS;

	file_enter(NUMVFS + DA, ok);
	if
	:: !ok -> goto done
	:: else
	fi;
	if
	:: GATES -> numvfs_enter()
	:: else
	fi;
	if
	:: ok ->
		mutex_lock(DEVICE_LOCK + DA);
		if
		:: driver[DA] == NO_DRIVER || on == present[VA]
		:: else ->
			if
			:: GATES
			:: else -> lock_rescan_remove()
			fi;
			if
			:: on && !leaving(DA) ->
				adding = true;
				appear(VA);
				add(VA);
				adding = false
			:: !on -> numvfs_off()
			:: else
			fi;
			if
			:: GATES
			:: else -> unlock_rescan_remove()
			fi
		fi;
		mutex_unlock(DEVICE_LOCK + DA);
		if
		:: in_topology -> sg_topology_exit()
		:: else
		fi
	:: else
	fi;
	file_leave(NUMVFS + DA);
	goto done;
	STUCK;
done:	skip
}

/* "bind" of a drive's driver */
proctype bind(byte d)
{
	LOCALS;

	if
	:: present[d] ->
		mutex_lock(DEVICE_LOCK + d);
		probe(d);
		mutex_unlock(DEVICE_LOCK + d)
	:: else
	fi
}
