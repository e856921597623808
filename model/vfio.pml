/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vfio.pml - owners: user-space drivers that have drives open through vfio
 */

/* Inside the gate, if there is one: the device lock is tried. */
inline reset_inside(d)
{
	reset_trylock(d);
	if
	:: ok -> reset_original(d); reset_unlock(d)
	:: !ok
	fi;
	leave(slot_of(d))
}

/* The wrapper of pci_try_reset_function() */
inline try_reset_function(d)
{
	atomic { ret = EAGAIN; enter_try(slot_of(d)) };
	if
	:: ok -> reset_inside(d)
	:: !ok
	fi
}

/*
 * vfio_pci_core_enable(): fails where the reset would have to wait.  The driver's unbinding
 * waits for an open as well, once it has begun.
 */
inline vfio_open(d)
{
	ret = ENODEV;
	atomic {
		if
		:: present[d] && driver[d] == VFIO && !asked[d] && !opened[d] ->
			opened[d] = true;
			takes(CLOSED + d);
			ret = DONE
		:: else
		fi
	};
	if
	:: ret == DONE ->
		try_reset_function(d);
		atomic {
			if
			:: ret == DONE ->
				watches(WATCH_OWNER, !dirty[d]);
				dirty[d] = true
			:: else ->
				opened[d] = false;
				gives(CLOSED + d)
			fi
		}
	:: else
	fi
}

/*
 * vfio_pci_core_disable(), and the wrapper of it: resets if no lock is busy.  Where that
 * failed, vfio_pci_dev_set_try_reset() tries pci_reset_bus(), which needs the same locks.
 */
inline vfio_close(d)
{
	atomic {
		releasing = true;
		tried = false;
		ret = EAGAIN;
		reset_trylock(d)
	};
	if
	:: ok -> reset_locked(d); reset_unlock(d)
	:: !ok
	fi;
	if
	:: atomic { ret == EAGAIN -> enter_try(slot_of(d)) };
		if
		:: ok -> reset_inside(d)
		:: atomic { !ok -> debt_note(d) }
		fi
	:: ret != EAGAIN
	fi;
	if
	:: atomic { GATES && ret == EAGAIN && !tried && !owed[d] -> debt_note(d) }
	:: else
	fi;
	atomic {
		releasing = false;
		tried = false;
		ok = false;
		ret = 0;
		opened[d] = false;
		gives(CLOSED + d);
		kick_debts()
	}
}

/*
 * An owner, at any time and in any order, asked or not: closes what it has open, and
 * may read a file before.
 */
proctype owner(bool has_a; bool has_c; bool reads)
{
	LOCALS;

	do
	:: atomic { has_a -> has_a = false; x = DA }; vfio_close(x)
	:: atomic { has_c && !OPTION(stubborn) -> has_c = false; x = DC }; vfio_close(x)
	:: reads && has_a -> read_numvfs(); reads = false
	:: !has_a && (!has_c || OPTION(stubborn)) -> break
	od
}

/* Who has the virtual function. */
proctype function_owner()
{
	LOCALS;

	vfio_close(VA)
}

/* One who opens both drives, then closes both. */
proctype owner_opens()
{
	LOCALS;
	byte step;

	do
	:: step < 2 ->
		x = (step == 0 -> DA : DC);
		vfio_open(x);
		step++
	:: step >= 2 && step < 4 ->
		if
		:: opened[DA] -> x = DA
		:: opened[DC] -> x = DC
		:: !opened[DA] && !opened[DC] -> break
		fi;
		vfio_close(x);
		step++
	:: step == 4 -> break
	od
}

/* Somebody else opens a drive and closes it again. */
proctype next_owner(byte d)
{
	LOCALS;

	vfio_open(d);
	if
	:: ret == DONE -> vfio_close(d)
	:: else
	fi
}
