/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * record_thread.h - a thread of the kernel, and what it holds
 */
#ifndef LIB_RECORD_THREAD_H
#define LIB_RECORD_THREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "slotgate/record_event.h"

/**
 * struct hold - one object
 * @device:  it is a device's lock
 * @address: of a lock that knows its owner; 0: another one
 * @place:   where its task keeps it, see struct rec_event; 0: nowhere
 * @stack:   by which it was taken
 * @lent:    somebody got @address since: it was given back, or will be taken again
 */
struct hold {
	uint32_t object;
	bool device, lent;
	uint64_t address;
	uint32_t place, stack;
};

/**
 * struct thread - a thread, and the task of the trace that it is now
 * @name:   of its task, until that is written
 * @device: innermost device lock it took last
 */
struct thread {
	bool written;
	uint32_t task;
	char name[160];
	struct hold *holds;
	size_t nholds, room;
	char device[REC_NAME];
};

/** sg_thread_free - for sg_map_each(): @value is the thread */
void sg_thread_free(uint64_t value);
/** sg_thread_push - it holds that as well; -ENOMEM */
int sg_thread_push(struct thread *thread, struct hold hold);
/** sg_thread_pull - it gave @object back; false if it did not hold it */
bool sg_thread_pull(struct thread *thread, uint32_t object);
bool sg_thread_holds(const struct thread *thread, uint32_t object);
/** sg_thread_forget_lent - nobody will say what became of what it lent */
void sg_thread_forget_lent(struct thread *thread);
/** sg_thread_find - what it holds at @address, or NULL */
struct hold *sg_thread_find(const struct thread *thread, uint64_t address);
/** sg_thread_find_place - what it took last of what it keeps there, or NULL */
const struct hold *sg_thread_find_place(const struct thread *thread, unsigned int place);

#endif
