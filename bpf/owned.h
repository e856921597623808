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
	u64 lock;
	u32 place;
};

static long look_at(u32 i, void *data)
{
	struct sweep *sweep = data;
	u64 *place = &sweep->task->held[i & (HELD_MAX - 1)], held = *place;

	if (!held || (held != sweep->lock && is_mine(held)))
		return 0;
	*place = 0;
	sweep->task->released |= 1ULL << (i & (HELD_MAX - 1));
	return 0;
}

/*
 * What was given back since the last event; also @again, which is about to be taken.
 * An interrupt may come in between and do the same: a place is only ever emptied here,
 * and one that is told twice is the other side's to see.
 */
static __always_inline bool look_for_released(struct task *task, u64 again)
{
	struct sweep sweep = { .task = task, .lock = again };

	if (!by_owner || !task)
		return false;
	bpf_loop(task->nheld, look_at, &sweep, 0);
	return task->released;
}

/* The event says it. */
static __always_inline void tell_released(struct rec_event *event, struct task *task)
{
	if (!by_owner || !task)
		return;
	event->released = task->released;
	task->released = 0;
}

/*
 * A lock that is taken once more by who has given it back, with nothing told in between,
 * and under the same locks: for what can be predicted it has kept it.  Half of all that
 * happens is this, with the lock of sysfs's tree, when devices come and go.
 */
static __always_inline bool is_taken_again(struct task *task, u64 lock)
{
	return by_owner && task && task->last == lock && task->made == locks_made &&
	       !look_for_released(task, 0);
}

/* From here on it is what @task did last. */
static __always_inline void keep_last(struct task *task, u64 lock)
{
	if (!by_owner || !task)
		return;
	task->last = lock;
	task->made = locks_made;
}

static long find_place(u32 i, void *data)
{
	struct sweep *sweep = data;

	if (i < sweep->task->nheld && sweep->task->held[i & (HELD_MAX - 1)])
		return 0;
	sweep->task->held[i & (HELD_MAX - 1)] = sweep->lock;
	if (i == sweep->task->nheld)
		sweep->task->nheld++;
	sweep->place = i + 1;
	return 1;
}

/* The task has taken @lock: the number of its place, from 1. */
static __always_inline u32 keep_held(struct task *task, u64 lock)
{
	struct sweep sweep = { .task = task, .lock = lock };

	if (!task)
		return 0;
	bpf_loop(HELD_MAX, find_place, &sweep, 0);
	if (!sweep.place)
		count_lost();
	return sweep.place;
}

#endif
