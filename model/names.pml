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
#define IGATE		2	/* igate of DA */
#define DEVICE_LOCK	3	/* the device lock of $device */
#define SERVICE_LOCK	9	/* the device lock of pciehp on $slot */
#define STUB_SEM	12	/* xen-pciback's semaphore */
#define MUTEXES		13
#define RESET_LOCK	13	/* the reset lock of $slot */
#define BUS_SEM		16	/* the bus list semaphore */
#define MEMORY_LOCK	17	/* memory_lock of DA */
#define SEMS		5
#define TOPOLOGY	18	/* the topology gate */
#define RESCAN		20	/* the file rescan of $device */
#define RESET		26	/* the file reset of $device */
#define NUMVFS		32	/* the file sriov_numvfs of drive DA */
#define BUS_RESCAN	33	/* the file rescan of the bus below $device */
#define POWER		36	/* the file power of $slot */
#define FILES		19
#define HANDLER		40	/* the interrupt thread of $slot */
#define RECOVERY	43	/* the error thread of $device */
#define GATE		46	/* the gate of $slot */
#define CLOSED		50	/* the use of $device */
#define HOOK		56	/* the reset hook of $slot */
#define LENT		60	/* the topology gate being lent */
#define XENBUS		61	/* the xenbus thread */
