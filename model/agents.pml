/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * agents.pml - who may act, each with a number; the comment is the name in "checks"
 *
 * The interrupt threads of the three slots are always there, and slotgate's work
 * item with its protocol.
 */
#define POWER_OFF_A	1	/* power(A) */
#define POWER_OFF_B	2	/* power(B) */
#define POWER_OFF_C	3	/* power(C) */
#define PULL_A		4	/* pull(A) */
#define PULL_B		5	/* pull(B) */
#define PULL_C		6	/* pull(C) */
#define FLAP_A		7	/* flap(A) */
#define FLAP_B		8	/* flap(B) */
#define FLAP_C		9	/* flap(C) */
#define REMOVE_PA	10	/* remove(PA) */
#define REMOVE_PB	11	/* remove(PB) */
#define REMOVE_PC	12	/* remove(PC) */
#define REMOVE_DA	13	/* remove(DA) */
#define REMOVE_DC	14	/* remove(DC) */
#define RESCAN_DA	15	/* rescan(DA) */
#define RESCAN_PC	16	/* rescan(PC) */
#define BUS_RESCAN_PA	17	/* bus_rescan(PA) */
#define BUS_RESCAN_PB	18	/* bus_rescan(PB) */
#define RESET_DA	19	/* reset(DA) */
#define RESET_DC	20	/* reset(DC) */
#define NUMVFS_ON	21	/* numvfs(on) */
#define NUMVFS_OFF	22	/* numvfs(off) */
#define UNBIND_DA	23	/* unbind(DA) */
#define BIND_DA		24	/* bind(DA) */
#define UNBIND_PA	25	/* unbind_port(PA) */
#define UNBIND_PB	26	/* unbind_port(PB) */
#define UNBIND_PC	27	/* unbind_port(PC) */
#define UNBIND_SERVICE_A 28	/* unbind_service(A) */
#define UNBIND_SERVICE_C 29	/* unbind_service(C) */
#define OWNER_A		30	/* owner(A) */
#define OWNER_C		31	/* owner(C) */
#define OWNER_AC	32	/* owner(A,C) */
#define OWNER_A_READS	33	/* owner(A,reads) */
#define NEXT_OWNER_A	34	/* next_owner(A) */
#define RECOVERY_PA	35	/* recovery(PA) */
#define RECOVERY_PB	36	/* recovery(PB) */
#define RESET_BELOW_PA	37	/* reset_subordinate(PA) */
#define RESUME_A	38	/* resume(A) */
#define OWNER_VA	39	/* owner(VA) */
#define DETACH		40	/* detach */
#define DETACH_ALL	41	/* detach(all) */
#define ATTACH		42	/* attach */
#define IRQ_SETUP	43	/* irq_setup */
#define HOT_RESET	44	/* hot_reset */
#define OWNER_OPENS_AC	45	/* owner_opens(A,C) */

/* What an owner has open when it begins. */
inline opens(d)
{
	printf("@ %d takes %d\n", _nr_pr, CLOSED + d);
	opened[d] = true;
	dirty[d] = true;
	driver[d] = VFIO
}

/* Two owners cannot have one drive: the second is nobody. */
inline start_owner(a, c, reads)
{
	if
	:: ((a) && opened[DA]) || ((c) && opened[DC])
	:: else ->
		if
		:: a -> opens(DA)
		:: else
		fi;
		if
		:: c -> opens(DC)
		:: else
		fi;
		run owner(a, c, reads);
	fi
}

/* Likewise whoever has the virtual function. */
inline start_function_owner()
{
	if
	:: !present[VA] || opened[VA]
	:: else -> opens(VA); run function_owner()
	fi
}

/* What a guest has when it begins. */
inline given(d)
{
	if
	:: driver[d] == PCIBACK && !opened[d] ->
		printf("@ %d takes %d\n", _nr_pr, CLOSED + d);
		opened[d] = true;
		dirty[d] = true
	:: else
	fi
}

inline start_detach(all)
{
	given(DA);
	if
	:: all -> given(DC)
	:: else
	fi;
	run detach(all)
}

inline start_attach()
{
	given(DA);
	run attach(DA)
}

/* For schedule.awk. */
#define agent_is(n)	printf("@ %d is 2 %d\n", _nr_pr, n)

inline start(n)
{
	agent_is(n);
	if
	:: n == POWER_OFF_A -> run power(SLOT_A, OFF)
	:: n == POWER_OFF_B -> run power(SLOT_B, OFF)
	:: n == POWER_OFF_C -> run power(SLOT_C, OFF)
	:: n == PULL_A -> run card(SLOT_A, GONE)
	:: n == PULL_B -> run card(SLOT_B, GONE)
	:: n == PULL_C -> run card(SLOT_C, GONE)
	:: n == FLAP_A -> run card(SLOT_A, FLAP)
	:: n == FLAP_B -> run card(SLOT_B, FLAP)
	:: n == FLAP_C -> run card(SLOT_C, FLAP)
	:: n == REMOVE_PA -> run remove(PA)
	:: n == REMOVE_PB -> run remove(PB)
	:: n == REMOVE_PC -> run remove(PC)
	:: n == REMOVE_DA -> run remove(DA)
	:: n == REMOVE_DC -> run remove(DC)
	:: n == RESCAN_DA -> run rescan(RESCAN + DA, DA)
	:: n == RESCAN_PC -> run rescan(RESCAN + PC, PC)
	:: n == BUS_RESCAN_PA -> run rescan(BUS_RESCAN + PA, PA)
	:: n == BUS_RESCAN_PB -> run rescan(BUS_RESCAN + PB, PB)
	:: n == RESET_DA -> run reset(DA)
	:: n == RESET_DC -> run reset(DC)
	:: n == NUMVFS_ON -> run numvfs(true)
	:: n == NUMVFS_OFF -> run numvfs(false)
	:: n == UNBIND_DA -> run unbind(DA)
	:: n == BIND_DA -> run bind(DA)
	:: n == UNBIND_PA -> run unbind(PA)
	:: n == UNBIND_PB -> run unbind(PB)
	:: n == UNBIND_PC -> run unbind(PC)
	:: n == UNBIND_SERVICE_A -> run unbind_service(SLOT_A)
	:: n == UNBIND_SERVICE_C -> run unbind_service(SLOT_C)
	:: n == OWNER_A -> start_owner(true, false, false)
	:: n == OWNER_C -> start_owner(false, true, false)
	:: n == OWNER_AC -> start_owner(true, true, false)
	:: n == OWNER_A_READS -> start_owner(true, false, true)
	:: n == NEXT_OWNER_A -> run next_owner(DA)
	:: n == RECOVERY_PA -> run recovery(PA)
	:: n == RECOVERY_PB -> run recovery(PB)
	:: n == RESET_BELOW_PA -> run reset_subordinate(PA)
	:: n == RESUME_A -> run resume(SLOT_A)
	:: n == OWNER_VA -> start_function_owner()
	:: n == DETACH -> start_detach(false)
	:: n == DETACH_ALL -> start_detach(true)
	:: n == ATTACH -> start_attach()
	:: n == IRQ_SETUP -> run irq_setup()
	:: n == HOT_RESET -> run hot_reset()
	:: n == OWNER_OPENS_AC -> run owner_opens()
	fi
}
