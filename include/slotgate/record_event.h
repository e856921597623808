/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * record_event.h - what the recorder's part in the kernel tells the one outside
 *
 * Both sides of a ring buffer: bpf/ writes, lib/record_*.c reads.
 */
#ifndef SLOTGATE_RECORD_EVENT_H
#define SLOTGATE_RECORD_EVENT_H

#define REC_FRAMES 24		/* functions of a stack that are kept */
#define REC_NAME 48
#define REC_FOLDER 32
#define REC_PLACES 64		/* for locks that a task holds, see @owned */

enum rec_type {
	REC_BEGIN,		/* an operation on PCI begins; @what says which kind */
	REC_END,
	REC_LOCK,		/* @op on the object at @object */
	REC_MADE,		/* a lock was initialised there: what was there before is gone */
	REC_NAMED,		/* a lock that has a name is there: REC_RWSEM, the reset lock of slot
				 * @name; REC_SYSFS, the lock of the tree of sysfs */
};

/* How an operation began: words for its name. */
enum rec_what {
	REC_WRITE,		/* of a sysfs file */
	REC_READ,
	REC_IRQ,		/* thread of interrupt @aux */
	REC_VFIO,		/* call of vfio */
	REC_DRIVER,		/* binding, unbinding, removal, reset: @name is a device or "" */
};

/* Which object: beyond a lock's address. */
enum rec_class {
	REC_MUTEX,		/* by address */
	REC_RWSEM,
	REC_DEVICE,		/* device lock; @name the device, @folder its bus if that is not PCI's */
	REC_CONFIG,		/* @name as above */
	REC_OPEN,
	REC_BOUND,		/* @name, the device at @object, has a driver: got one (release), has
				 * lost it (try), somebody does what needs one (try as a reader) */
	REC_SYSFS,		/* @folder / @name; @aux: lock that a drain gives back */
	REC_SLOT_THREAD,	/* @name: slot */
	REC_IRQ_THREAD,		/* @aux: number of the interrupt; @name: of its action or "" */
	REC_WORK,		/* @aux: its function */
	REC_QUEUE,		/* @name: workqueue */
	REC_COMPLETION,
	REC_GATE,		/* slotgate's gate of slot @name */
	REC_GATE_RESETS,	/* resets inside it */
	REC_LEAVE,		/* slotgate: a removal of @name is announced, @aux: of what is below
				 * it only; without @name the one that began at @object */
};

/**
 * struct rec_event - one of them
 * @op: enum sg_trace_op
 * @stack: key of its stack, the same for those that are the same; 0: it has none
 * @nframes: of @frames, innermost first; 0: an event before told @stack
 * @owned: of a lock that knows its owner: the place, from 1, where the task keeps it.  Its release
 * is no event of its own, but told by the next one of the task; until then somebody else may
 * have got it
 * @released: a bit for each place whose lock was given back before this event, and after the one
 * before it; REC_LOCK and REC_END have it.  A place may be told twice
 */
struct rec_event {
	unsigned long long time;
	unsigned long long object;
	unsigned long long aux;
	unsigned long long stack;
	unsigned long long released;
	unsigned int tid;
	unsigned char type;
	unsigned char what;
	unsigned char op;
	unsigned char nframes;
	unsigned char owned;
	char comm[16];
	char name[REC_NAME];
	char folder[REC_FOLDER];
	unsigned long long frames[REC_FRAMES];
};

#endif
