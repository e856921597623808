/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * gate.pml - slotgate's own: slot gates, the topology gate, who is leaving, debts
 *
 * Stands for kmod/gate.c, kmod/topology.c and the book of kmod/debt.c.  What is done
 * there under sg_lock is one step here.  All that waits there waits on one queue, and
 * whatever changes wakes all: here a waiter goes on as soon as it may.
 */
bool gate[SLOTS];		/* it exists */
bool handler_inside[SLOTS];
byte handlers_waiting[SLOTS];
byte resets_inside[SLOTS];
bool dying[SLOTS];

bool topology_busy;
bool writer_inside;		/* who is inside writes sriov_numvfs of DA */
bool lent;			/* and stays until who unbinds DA's driver is done */
bool removal_inside;		/* who is inside removes DA */
bool adding;			/* functions are being added to DA */
bool port_unbinding[SLOTS];	/* the port's driver is being unbound */

/* struct sg_leave: removals of a device with what is below it, of only what is below */
byte leaving_device[DEVICES];
byte leaving_below[DEVICES];	/* of a physical function: its functions */

bool owed[DEVICES];		/* debts */
bool probe_put_off[DEVICES];
bool kicked[DEVICES];		/* the work item is to try */
byte payee = NONE;		/* what it has a reference to, until that is removed */

#define above(p)	(leaving_device[p] || leaving_below[p])
#define leaving(d)	(leaving_device[d] || ((d) == VA && above(DA)) || \
			 (((d) == DA || (d) == VA) && above(PA)) || \
			 (((d) == PC || (d) == DC) && above(PB)) || ((d) == DC && above(PC)))

/* R1: nobody waits for a slot gate with a lock held. */
inline sg_gate_event_begin(s)
{
	atomic {
		watches(WATCH_RULES, !held);
		asks(GATE + s);
		handlers_waiting[s]++;
		(!resets_inside[s] && !handler_inside[s]) ->
		handlers_waiting[s]--;
		handler_inside[s] = true;
		takes(GATE + s);
		traces(EVENT_BEGIN, s)
	}
}

/* Nothing if the caller is not the handler, or not any more. */
inline sg_gate_event_end(s)
{
	atomic {
		if
		:: me == (s) + 1 && handler_inside[s] ->
			handler_inside[s] = false;
			gives(GATE + s);
			traces(EVENT_END, s)
		:: else
		fi
	}
}

#define gate_inside(s)	(in_reset == (s) + 1 || (me == (s) + 1 && handler_inside[s]))
#define gate_open(s)	(!handler_inside[s] && !handlers_waiting[s] && (!dying[s] || c_expr { opt_drop == 7 }))

/* To be used inside atomic. */
inline enter_reset(s)
{
	resets_inside[s]++;
	in_reset = (s) + 1;
	takes(GATE + s);
	traces(RESET_BEGIN, s)
}

inline sg_gate_reset_end(s)
{
	atomic {
		resets_inside[s]--;
		in_reset = 0;
		gives(GATE + s);
		traces(RESET_END, s)
	}
}

/*
 * enter_try() of wrap_reset.c: entered, or no need to (ok), or refused.  With R1
 * left out, a task with locks held waits.
 */
inline enter_try(s)
{
	atomic {
		entered = false;
		ok = true;
		if
		:: !gate[s] || gate_inside(s)
		:: gate[s] && !gate_inside(s) && KEPT(1) ->
			if
			:: gate_open(s) -> enter_reset(s); entered = true
			:: else -> ok = false; misses(GATE + s); traces(RESET_REFUSED, s)
			fi
		:: gate[s] && !gate_inside(s) && !KEPT(1) ->
			asks(GATE + s);
			gate_open(s) -> enter_reset(s); entered = true
		fi
	}
}

inline leave(s)
{
	atomic {
		if
		:: entered -> sg_gate_reset_end(s); entered = false
		:: else
		fi
	}
}

/* sg_gate_reset_begin(): waits, and leaves when the device does */
inline sg_gate_reset_begin(s, d)
{
	atomic {
		watches(WATCH_RULES, !held);
		asks(GATE + s);
		if
		:: leaving(d) -> ret = ENODEV; misses(GATE + s)
		:: !leaving(d) && !gate[s] -> ret = EAGAIN; misses(GATE + s)
		:: !leaving(d) && gate[s] && gate_open(s) -> ret = DONE; enter_reset(s)
		fi
	}
}

inline sg_gate_kill(s)
{
	atomic {
		if
		:: gate[s] && KEPT(7) ->
			if
			:: KEPT(5) && !dying[s] -> dying[s] = true; traces(GATE_DYING, s)
			:: else
			fi;
			asks(GATE + s);
			!resets_inside[s] -> say("@ %d gets %d\n", GATE + s)
		:: else
		fi
	}
}

/* Within atomic: the lock behind the gate is never waited for. */
inline topology_take()
{
	topology_busy = true;
	locked[RESCAN_LOCK] = true;
	in_topology = true;
	held++;
	has_lock = true;
	takes(TOPOLOGY);
	takes(RESCAN_LOCK);
	traces(TOPOLOGY_ENTER, me)
}

/*
 * Everybody who takes the rescan/remove lock in a wrapped operation.  A waiter leaves
 * when its claim is void; then ok is false.
 */
inline sg_topology_enter(void_claim)
{
	atomic {
		watches(WATCH_RULES, !held);	/* R3 */
		asks(TOPOLOGY);
		if
		:: KEPT(3) && (void_claim) -> ok = false; misses(TOPOLOGY); traces(TOPOLOGY_LEFT, me)
		:: !(KEPT(3) && (void_claim)) && !topology_busy && !locked[RESCAN_LOCK] -> ok = true; topology_take()
		fi
	}
}

/*
 * sg_topo_enter_device_locked(): the lock of DA held.  Not entered where who is inside
 * wants that lock; a writer of sriov_numvfs lends the gate.  Then give_back().
 */
inline topology_enter_locked()
{
	atomic {
		asks(TOPOLOGY);
		if
		:: topology_busy && removal_inside -> misses(TOPOLOGY)
		:: topology_busy && !removal_inside && writer_inside ->
			lent = true;
			has_lock = true;
			takes(LENT)
		:: !topology_busy && !locked[RESCAN_LOCK] -> topology_take()
		fi
	}
}

inline topology_exit_locked()
{
	atomic {
		if
		:: in_topology -> sg_topology_exit()
		:: !in_topology && has_lock -> has_lock = false; lent = false; gives(LENT)
		:: else
		fi
	}
}

/* Not while it is lent: change_end(). */
inline sg_topology_exit()
{
	atomic {
		if
		:: writer_inside -> asks(LENT); !lent -> say("@ %d gets %d\n", LENT)
		:: else
		fi;
		topology_busy = false;
		writer_inside = false;
		removal_inside = false;
		locked[RESCAN_LOCK] = false;
		in_topology = false;
		held--;
		has_lock = false;
		gives(RESCAN_LOCK);
		gives(TOPOLOGY)
	}
}

/* pci_lock_rescan_remove() and its wrapper */
inline lock_rescan_remove()
{
	atomic {
		if
		:: GATES ->
			asks(TOPOLOGY);
			(!topology_busy && !locked[RESCAN_LOCK]) -> topology_take()
		:: !GATES -> mutex_lock(RESCAN_LOCK); has_lock = true
		fi
	}
}

inline unlock_rescan_remove()
{
	atomic {
		if
		:: GATES -> sg_topology_exit()
		:: !GATES -> has_lock = false; mutex_unlock(RESCAN_LOCK)
		fi
	}
}

/* Within atomic. */
inline kick_debts()
{
	kicked[DA] = owed[DA];
	kicked[VA] = owed[VA];
	kicked[DC] = owed[DC]
}
inline debt_note(d)
{
	if
	:: KEPT(6) -> owed[d] = true; traces(RESET_DEFERRED, d)
	:: !KEPT(6)
	fi
}

inline debt_settle(d)
{
	owed[d] = false
}
