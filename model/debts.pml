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

proctype debt_work()
{
	LOCALS;

end:	do
	:: atomic {
		(to_pay(DA) || to_pay(VA) || to_pay(DC)) ->
		x = (to_pay(DA) -> DA : (to_pay(VA) -> VA : DC));
		ret = EAGAIN
	   };
		if
		:: may_pay(x) -> try_reset_function(x)
		:: else
		fi;
		if
		:: atomic { ret == DONE && probe_put_off[x] -> probe_put_off[x] = false; mutex_lock(DEVICE_LOCK + x) };
			probe(x);
			mutex_unlock(DEVICE_LOCK + x)
		:: else
		fi;
		atomic {
			kicked[x] = kicked[x] && ret == EAGAIN;
			ret = 0;
			ok = false;
			x = 0
		}
	od
}
