/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vfio.pml - owners: user-space drivers that have drives open through vfio
 */

/* The wrapper of pci_try_reset_function(), and what the work item for debts does. */
inline try_reset_function(d)
{
	ret = EAGAIN;
	enter_try(slot_of(d));
	if
	:: ok ->
		reset_trylock(d);
		if
		:: ok -> reset_original(d); reset_unlock(d)
		:: else
		fi;
		leave(slot_of(d))
	:: else
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
	releasing = true;
	tried = false;
	ret = EAGAIN;
	reset_trylock(d);
	if
	:: ok -> reset_locked(d); reset_unlock(d)
	:: else
	fi;
	if
	:: ret == EAGAIN ->
		enter_try(slot_of(d));
		if
		:: ok ->
			reset_trylock(d);
			if
			:: ok -> reset_original(d); reset_unlock(d)
			:: else
			fi;
			leave(slot_of(d))
		:: else -> debt_note(d)
		fi
	:: else
	fi;
	if
	:: ret == EAGAIN && !tried && GATES && !owed[d] -> debt_note(d)
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
	:: has_a || (has_c && !OPTION(stubborn)) ->
		atomic {
			if
			:: has_a -> x = DA; has_a = false
			:: has_c && !OPTION(stubborn) -> x = DC; has_c = false
			fi
		};
		vfio_close(x)
	:: reads && has_a -> read_numvfs(); reads = false
	:: !has_a && (!has_c || OPTION(stubborn)) -> break
	od
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
