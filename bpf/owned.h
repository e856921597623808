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

/*
 * Tell what was given back since the last event; also @again, which is about to be taken.
 * An interrupt may come in between and do the same: a place is only ever emptied here.
 */
static __noinline int tell_released(u64 again)
{
	struct task *task = by_owner ? my_task() : NULL;

	for (u32 i = 0; task && i < HELD_MAX && i < task->nheld; i++) {
		u64 held = task->held[i & (HELD_MAX - 1)];
		struct rec_event *event;

		if (!held || (held != again && is_mine(held)))
			continue;
		task->held[i & (HELD_MAX - 1)] = 0;
		event = event_begin(REC_RELEASED);
		if (!event)
			continue;
		event->object = held & ~OF_RWSEM;
		event_send(event);
	}
	return 0;
}

/* The task has taken @lock. */
static __always_inline void keep_held(u64 lock)
{
	struct task *task = my_task();
	u32 i = 0;

	if (!task)
		return;
	while (i < HELD_MAX && i < task->nheld && task->held[i & (HELD_MAX - 1)])
		i++;
	if (i == HELD_MAX) {
		count_lost();
		return;
	}
	task->held[i & (HELD_MAX - 1)] = lock;
	if (i == task->nheld)
		task->nheld++;
}

#endif
