/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * slotgate.pml - the locks of PCIe hot-plug, stock and with slotgate
 *
 * One machine (names.pml), one agent per task.  Agents end after their deed, so that
 * the checker's "invalid end state" is a deadlock: somebody waits, and nobody is
 * left who could let him go on.  docs/MODEL.md has what each step stands for.
 */
#include "options.pml"
#include "names.pml"
#include "state.pml"
#include "record.pml"
#include "locks.pml"
#include "gate.pml"
#include "core.pml"
#include "pciehp.pml"
#include "sysfs.pml"
#include "vfio.pml"
#include "error.pml"
#include "xen.pml"
#include "debts.pml"
#include "agents.pml"

inline machine()
{
	present[PA] = true;
	present[PB] = true;
	present[PC] = true;
	present[DA] = true;
	present[DC] = true;
	present[VA] = c_expr { opt_vfs };
	driver[PA] = NATIVE;
	driver[PB] = NATIVE;
	driver[PC] = NATIVE;
	driver[DA] = (c_expr { opt_back } -> PCIBACK : (c_expr { opt_native } -> NATIVE : VFIO));
	driver[DC] = driver[DA];
	driver[VA] = (present[VA] -> VFIO : NO_DRIVER);
	i = 0;
	do
	:: i < SLOTS ->
		hotplug[i] = true;
		gate[i] = GATES;
		i++
	:: else -> break
	od;
	i = 0
}

init {
	byte i, agent;

	c_code { options_read(); };
#ifdef RECORD
	c_code { record_read(now.record_event, now.record_object, &now.record_length); };
#endif
	atomic {
		machine();
		i = 0;
		do
		:: i < SLOTS -> printf("@ %d is 0 %d\n", _nr_pr, i); run handler(i); i++
		:: else -> i = 0; break
		od;
		gates(printf("@ %d is 1 0\n", _nr_pr); run debt_work();)
		do
		:: c_expr { Pinit->i < agents_count } ->
			c_code { Pinit->agent = agents[Pinit->i]; };
			start(agent);
			i++
		:: else -> break
		od;
		i = 0;
		agent = 0
	}
}
