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
		sg_unbind(d, false);
		sg_topology_enter(false)
	:: else -> lock_rescan_remove()
	fi;
	stop_and_remove(d, false);
	unlock_rescan_remove();
	if
	:: GATES -> leaving_device[d]--
	:: else
	fi;
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

/* sriov_numvfs_show() */
inline read_numvfs()
{
	file_enter(NUMVFS + DA, ok);
	if
	:: ok ->
		pass_mutex(DEVICE_LOCK + DA);
		file_leave(NUMVFS + DA)
	:: else
	fi
}

/* sriov_numvfs_store(): functions come or go under device lock and rescan/remove lock */
proctype numvfs(bool on)
{
	LOCALS;

	file_enter(NUMVFS + DA, ok);
	if
	:: ok ->
		mutex_lock(DEVICE_LOCK + DA);
		if
		:: driver[DA] == NO_DRIVER || on == present[VA]
		:: else ->
			lock_rescan_remove();
			if
			:: on -> appear(VA); add(VA)
			:: else -> remove_function()
			fi;
			unlock_rescan_remove()
		fi;
		mutex_unlock(DEVICE_LOCK + DA);
		file_leave(NUMVFS + DA)
	:: else
	fi;
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
