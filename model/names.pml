/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * names.pml - what is in the machine, and numbers for it
 *
 *	root port PA - slot A - drive DA, a physical function, with its virtual function VA
 *	root port PB - slot B - switch, whose port is PC - slot C - drive DC
 *
 * The port of slot s is device s.  The comment behind a number is how schedule.awk
 * writes it; "$" stands for the device or slot that is added to it.
 */

/* devices */
#define PA	0	/* port PA */
#define PB	1	/* port PB */
#define PC	2	/* port PC */
#define DA	3	/* drive DA */
#define VA	4	/* function VA */
#define DC	5	/* drive DC */
#define DEVICES	6

/* slots */
#define SLOT_A	0	/* slot A */
#define SLOT_B	1	/* slot B */
#define SLOT_C	2	/* slot C */
#define SLOTS	3

/* slot that device d sits in, and what the slot holds */
#define slot_of(d)	(((d) == DC) -> SLOT_C : (((d) == PC) -> SLOT_B : SLOT_A))
#define device_in(s)	(((s) == SLOT_A) -> DA : (((s) == SLOT_B) -> PC : DC))
#define is_port(d)	((d) <= PC)

/* things that can be waited for */
#define RESCAN_LOCK	0	/* the rescan/remove lock */
#define SLOT_MUTEX	1	/* the slot mutex */
#define BUS_SEM		2	/* the bus list semaphore */
#define TOPOLOGY	3	/* the topology gate */
#define IGATE		4	/* igate of DA */
#define MEMORY_LOCK	5	/* memory_lock of DA */
#define DEVICE_LOCK	10	/* the device lock of $device */
#define SERVICE_LOCK	16	/* the device lock of pciehp on $slot */
#define RESET_LOCK	20	/* the reset lock of $slot */
#define RESCAN		30	/* the file rescan of $device */
#define RESET		40	/* the file reset of $device */
#define NUMVFS		50	/* the file sriov_numvfs of $device */
#define BUS_RESCAN	60	/* the file rescan of the bus below $device */
#define POWER		70	/* the file power of $slot */
#define HANDLER		80	/* the interrupt thread of $slot */
#define RECOVERY	90	/* the error thread of $device */
#define GATE		100	/* the gate of $slot */
#define CLOSED		110	/* $device being closed */
#define HOOK		120	/* the reset hook of $slot */
