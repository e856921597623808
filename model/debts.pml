/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * debts.pml - the work item of kmod/debt.c: resets what is owed a reset
 *
 * It comes back by the clock for what was busy.  Here it comes back when that may
 * have changed.
 */
#define may_pay(d)	(owed[d] && present[d] && !leaving(d))
#define can_pay(d)	(may_pay(d) && gate_open(slot_of(d)) && reset_locks_free(d))

proctype debt_work()
{
	LOCALS;

end:	do
	:: atomic {
		debts_kicked && (can_pay(DA) || can_pay(VA) || can_pay(DC)) ->
		x = (can_pay(DA) -> DA : (can_pay(VA) -> VA : DC))
	   };
		try_reset_function(x);
		if
		:: ret == DONE && probe_put_off[x] ->
			probe_put_off[x] = false;
			mutex_lock(DEVICE_LOCK + x);
			probe(x);
			mutex_unlock(DEVICE_LOCK + x)
		:: else
		fi;
		atomic {
			kick_debts();
			ret = 0;
			ok = false;
			x = 0
		}
	od
}
