/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * owned.h - releases without a hook
 *
 * Every task of the machine pays for a hook, and a lock is given back as often as it
 * is taken.  A mutex, and a semaphore that is held to write, knows its owner.  So
 * what a task took is kept, and looked at again before its next event: what it does
 * not own any more it has given back since the last one.  When exactly makes no
 * difference to it, as it did nothing else in between that is recorded.
 */
#ifndef BPF_OWNED_H
#define BPF_OWNED_H

#include "state.h"

#define OF_RWSEM 1ULL		/* in the address of a lock */
#define OWNER_FLAGS 7L
#define OWNED_BY_READERS 1L

static __always_inline bool is_mine(u64 held)
{
	bool rwsem = held & OF_RWSEM;
	u64 lock = held & ~OF_RWSEM;
	u64 word = rwsem ? (u64)&((struct rw_semaphore *)lock)->owner :
			   (u64)&((struct mutex *)lock)->owner;
	long owner = 0;

	bpf_probe_read_kernel(&owner, sizeof(owner), (void *)word);
	if (rwsem && (owner & OWNED_BY_READERS))
		return false;
	return (owner & ~OWNER_FLAGS) == (long)bpf_get_current_task();
}

/* Loops are the helper's, which the kernel checks once instead of for each place. */
struct sweep {
	struct task *task;
	u64 again;
};

static long tell_one(u32 i, void *data)
{
	struct sweep *sweep = data;
	u64 *place = &sweep->task->held[i & (HELD_MAX - 1)], held = *place;
	struct rec_event *event;

	if (!held || (held != sweep->again && is_mine(held)))
		return 0;
	*place = 0;
	event = event_begin(REC_RELEASED);
	if (!event)
		return 0;
	event->object = held & ~OF_RWSEM;
	event_send(event);
	return 0;
}

/*
 * Tell what was given back since the last event; also @again, which is about to be taken.
 * An interrupt may come in between and do the same: a place is only ever emptied here.
 */
static __always_inline void tell_released(struct task *task, u64 again)
{
	struct sweep sweep = { .task = task, .again = again };

	if (by_owner && task)
		bpf_loop(task->nheld, tell_one, &sweep, 0);
}

static long find_place(u32 i, void *data)
{
	struct sweep *sweep = data;

	if (i < sweep->task->nheld && sweep->task->held[i & (HELD_MAX - 1)])
		return 0;
	sweep->task->held[i & (HELD_MAX - 1)] = sweep->again;
	if (i == sweep->task->nheld)
		sweep->task->nheld++;
	sweep->again = 0;
	return 1;
}

/* The task has taken @lock. */
static __always_inline void keep_held(struct task *task, u64 lock)
{
	struct sweep sweep = { .task = task, .again = lock };

	if (!task)
		return;
	bpf_loop(HELD_MAX, find_place, &sweep, 0);
	if (sweep.again)
		count_lost();
}

#endif
