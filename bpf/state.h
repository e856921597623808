/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * state.h - who is followed, what was seen, and the way out
 *
 * A task is followed from the beginning of its outermost operation on PCI to
 * the end of it.  While nobody is, a hook costs one comparison.
 */
#ifndef BPF_STATE_H
#define BPF_STATE_H

#include <stdbool.h>

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef u8 __u8;
typedef u16 __u16;
typedef u32 __u32;
typedef u64 __u64;
typedef short __s16;
typedef int __s32;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#include "kernel.h"
#include "slotgate/record_event.h"
#include "slotgate/trace_op.h"

enum { TASKS_MAX = 16384, SEEN_MAX = 65536, PENDING_MAX = 16, DEPTH_MAX = 16 };
enum { HELD_MAX = REC_PLACES, MET_BITS = 16 };
enum { RING_SIZE = 16 << 20, RING_FULL = RING_SIZE / 4 };

/* Set before loading. */
const volatile bool all_tasks;
const volatile bool by_owner;		/* releases are seen by a lock's owner, owned.h */
const volatile unsigned int self;	/* the recorder's own process: left out */

/* Set when vfio is there: offsets in its structures, from its own BTF. */
unsigned int vfio_device_dev;
unsigned int vfio_file_device;
bool vfio_by_file;

/* For the other side. */
unsigned long long lost;
unsigned int modules_changed;

int following;
unsigned int locks_made;

/**
 * struct task - one that is followed
 * @tid: whose this is; 0: nobody's
 * @depth: of nested operations
 * @keys: one for each, see operation_begin()
 * @pending: arguments of calls that a kretprobe waits for the end of
 * @held: locks that it owned when last looked at, 0 where there is none; see owned.h
 * @nheld: places of @held that were ever used
 * @released: those of them that it has given back, one bit each: not told yet
 * @last: the lock of @held whose acquisition is the last that was told of it, or 0
 * @made: @locks_made then
 */
struct call {
	u64 a, b;
};

struct task {
	u64 tid;
	u32 depth;
	u32 npending;
	u64 keys[DEPTH_MAX];
	struct call pending[PENDING_MAX];
	u32 nheld;
	u64 held[HELD_MAX];
	u64 released;
	u64 last;
	u32 made;
};

/*
 * Each task has two places where it may be.  Everybody is looked for while anybody is
 * followed, which a hash table would cost ten times as much for.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, TASKS_MAX);
	__type(key, u32);
	__type(value, struct task);
} tasks SEC(".maps");

/* Locks without a name of their own, by address. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, SEEN_MAX);
	__type(key, u64);
	__type(value, u8);
} seen SEC(".maps");

/*
 * May a lock be among them?  Asked whenever any lock of the kernel is initialised,
 * which a look into the table would cost too much for.
 */
unsigned char met[1 << MET_BITS];

static __always_inline u8 *met_at(u64 lock)
{
	return &met[(lock >> 3) * 0x9e3779b97f4a7c15ULL >> (64 - MET_BITS)];
}

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RING_SIZE);
} events SEC(".maps");

static __always_inline u32 my_tid(void)
{
	return (u32)bpf_get_current_pid_tgid();
}

static __always_inline void count_lost(void)
{
	__sync_fetch_and_add(&lost, 1);
}

static __always_inline struct task *place_of(u32 tid, bool second)
{
	u32 at = (second ? tid * 0x9e3779b1 >> 18 : tid) & (TASKS_MAX - 1);

	return bpf_map_lookup_elem(&tasks, &at);
}

static __always_inline struct task *my_task(void)
{
	u32 tid = my_tid();
	struct task *task = place_of(tid, false);

	if (task && task->tid == tid)
		return task;
	task = place_of(tid, true);
	return task && task->tid == tid ? task : NULL;
}

static __always_inline bool claim(struct task *task, u32 tid)
{
	return task && !__sync_val_compare_and_swap(&task->tid, 0, (u64)tid);
}

/* An entry for this task, which has none; NULL with the loss counted. */
static __always_inline struct task *new_task(void)
{
	u32 tid = my_tid();
	struct task *task = place_of(tid, false);

	if (claim(task, tid))
		return task;
	task = place_of(tid, true);
	if (claim(task, tid))
		return task;
	count_lost();
	return NULL;
}

static __always_inline void free_task(struct task *task)
{
	task->depth = 0;
	task->npending = 0;
	task->nheld = 0;
	task->released = 0;
	task->last = 0;
	barrier();
	task->tid = 0;
}

/* Are this task's locks recorded? */
static __always_inline bool followed(void)
{
	if (all_tasks)
		return (u32)(bpf_get_current_pid_tgid() >> 32) != self;
	return following && my_task();
}

/* An event to fill in, or NULL with the loss counted. */
static __always_inline struct rec_event *event_begin(u8 type)
{
	struct rec_event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

	if (!event) {
		count_lost();
		return NULL;
	}
	event->time = bpf_ktime_get_ns();
	event->tid = my_tid();
	event->type = type;
	event->object = 0;
	event->aux = 0;
	event->stack = 0;
	event->what = 0;
	event->op = 0;
	event->nframes = 0;
	event->owned = 0;
	event->released = 0;
	event->comm[0] = 0;
	event->name[0] = 0;
	event->folder[0] = 0;
	return event;
}

/*
 * The other side looks by itself, many times a second.  To wake it for each event
 * costs more than all the rest.
 */
static __always_inline void event_send(struct rec_event *event)
{
	bool hurry = bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) > RING_FULL;

	bpf_ringbuf_submit(event, hurry ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP);
}

static __always_inline void event_name(struct rec_event *event, const char *name)
{
	bpf_probe_read_kernel_str(event->name, sizeof(event->name), name);
}

#endif
