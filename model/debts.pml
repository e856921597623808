/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * debts.pml - the work item of kmod/debt.c: resets what is owed a reset
 *
 * It comes back by the clock for what was busy, and for nothing else.  Here it comes back
 * when that may have changed (poll: at any time).
 */
#define may_pay(d)	(present[d] && !leaving(d))
#define to_pay(d)	(kicked[d] && owed[d] && present[d] && \
			 (c_expr { opt_poll } || (may_pay(d) && gate_open(slot_of(d)) && reset_locks_free(d))))

/*
 * sg_debt_pay().  The work has no more than a reference: the drive may be on its way out, or
 * out, by the time that its lock is had, and another be found in its place.  With the lock it
 * stays.  Of one that is gone, nobody minds the lock.
 */
inline pay(d)
{
	atomic { ret = EAGAIN; enter_try(slot_of(d)) };
	if
	:: ok ->
		atomic {
			if
			:: payee == d && may_pay(d) -> reset_trylock(d)
			:: else -> ok = false
			fi
		};
		if
		:: ok -> reset_original(d); reset_unlock(d)
		:: !ok
		fi;
		leave(slot_of(d))
	:: !ok
	fi
}

proctype debt_work()
{
	LOCALS;

end:	do
	:: atomic {
		(to_pay(DA) || to_pay(VA) || to_pay(DC)) ->
		x = (to_pay(DA) -> DA : (to_pay(VA) -> VA : DC));
		payee = x;
		ret = EAGAIN
	   };
		if
		:: may_pay(x) -> pay(x)
		:: else
		fi;
		if
		:: atomic { ret == DONE && probe_put_off[x] -> probe_put_off[x] = false; mutex_lock(DEVICE_LOCK + x) };
			probe(x);
			mutex_unlock(DEVICE_LOCK + x)
		:: else
		fi;
		atomic {
			payee = NONE;
			kicked[x] = kicked[x] && ret == EAGAIN;
			ret = 0;
			ok = false;
			x = 0
		}
	od
}
