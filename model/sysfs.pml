/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sysfs.pml - what users write into files of the PCI core and of drivers
 */

/* remove_store() has left its file when it comes to the removal. */
proctype remove(byte d)
{
	LOCALS;

	gates(
		leaving_device[d]++;
		sg_unbind(d, false, false);
		sg_topology_enter(false);
	)
	stock(lock_rescan_remove();)
	stop_and_remove(d, false);
	gates(leaving_device[d]--;)
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
		gates(sg_topology_enter(leaving(d));)
		stock(lock_rescan_remove();)
		if
		:: ok ->
			x = (present[DA] -> DC : DA);
			if
			:: !present[x] && present[slot_of(x)] -> appear(x); add(x)
			:: else
			fi;
			unlock_rescan_remove()
		:: !ok
		fi;
		file_leave(file)
	:: !ok
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
		atomic {
			watches(WATCH_RESULT, ret == DONE || ret == ENOTTY || (ret == ENODEV && leaving(d)));
			file_leave(RESET + d)
		}
	:: !ok
	fi
}

/* sriov_numvfs_show(), and its wrapper: waits for functions being added, and for no lock */
inline read_numvfs()
{
	file_enter(NUMVFS, ok);
	if
	:: ok ->
		gates(await(NUMVFS, !adding);)
		stock(pass_mutex(DEVICE_LOCK + DA);)
		file_leave(NUMVFS)
	:: !ok
	fi
}

/*
 * enter_with_device_free() of wrap_sriov.c: the topology gate before the device lock, which
 * is not waited for inside but for the moment between the look and the lock.  Comes back as
 * pci_reset_function() does.
 */
inline numvfs_enter()
{
	do
	:: atomic { OPTION(poll) && locked[DEVICE_LOCK + DA] && !leaving(DA) -> misses(DEVICE_LOCK + DA) }
	:: atomic {
		asks(DEVICE_LOCK + DA);
		(!locked[DEVICE_LOCK + DA] || leaving(DA)) -> misses(DEVICE_LOCK + DA)
	   };
		sg_topology_enter(leaving(DA));
		if
		:: ok && locked[DEVICE_LOCK + DA] -> sg_topology_exit()
		:: atomic { ok && !locked[DEVICE_LOCK + DA] -> writer_inside = true; break }
		:: !ok -> break
		fi
	od
}

/* What the driver does when it is asked for no functions: disable_writing() of the wrapper. */
inline numvfs_off()
{
	gates(
		sg_topology_exit();
		leaving_below[DA]++;
		unbind_function();
		atomic {
			asks(TOPOLOGY);
			(!topology_busy && !locked[RESCAN_LOCK]) -> topology_take();
			writer_inside = true
		};
		destroy_function();
		leaving_below[DA]--
	)
	stock(
		unbind_function();
		destroy_function()
	)
}

inline numvfs_on()
{
	adding = true;
	appear(VA);
	add(VA);
	adding = false
}

/* sriov_numvfs_store(): functions come or go under device lock and rescan/remove lock */
proctype numvfs(bool on)
{
	LOCALS;

	file_enter(NUMVFS, ok);
	if
	:: !ok -> goto done
	:: ok
	fi;
	gates(numvfs_enter();)
	if
	:: ok ->
		mutex_lock(DEVICE_LOCK + DA);
		if
		:: driver[DA] == NO_DRIVER || on == present[VA]
		:: else ->
			stock(lock_rescan_remove();)
			if
			:: on && !leaving(DA) -> numvfs_on()
			:: !on -> numvfs_off()
			:: else
			fi;
			stock(unlock_rescan_remove();)
		fi;
		mutex_unlock(DEVICE_LOCK + DA);
		gates(sg_topology_exit();)
	:: !ok
	fi;
	file_leave(NUMVFS);
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
