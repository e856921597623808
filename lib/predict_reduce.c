// SPDX-License-Identifier: GPL-2.0-only
/*
 * predict_reduce.c - who holds what after each event, and what of it can matter
 */
#include <errno.h>
#include <string.h>

#include "predict_internal.h"

static int add_need(struct task *task, uint32_t at, uint32_t other, uint32_t pos, bool quiet_only)
{
	if (!grow(task->needs, task->nneeds, task->need_room))
		return -ENOMEM;
	task->needs[task->nneeds++] = (struct need){ at, other, pos, quiet_only };
	return 0;
}

/* --- acquiring and releasing --- */

static struct hold *find_hold(struct task *task, uint32_t object)
{
	for (uint32_t i = task->nholds; i-- > 0;)
		if (task->holds[i].object == object)
			return &task->holds[i];
	return NULL;
}

static void remove_hold(struct task *task, struct hold *hold)
{
	size_t after = &task->holds[--task->nholds] - hold;

	memmove(hold, hold + 1, after * sizeof(*hold));
}

static int acquire(struct sg_predict *predict, uint32_t id, const struct sg_trace_record *record,
		   uint64_t number)
{
	struct task *task = &predict->tasks[id];
	struct object *object = &predict->objects[record->object];
	struct hold *hold = find_hold(task, record->object);
	bool shared = takes_shared(record->op);
	uint32_t at = task->count;

	if (hold && !hold->shared) {	/* once more what is its own already */
		hold->depth++;
		return 0;
	}
	if (object->exclusive || (object->holders && !shared))
		predict->stats.contradictions++;
	if (!grow(task->frames, task->nframes, task->frame_room) ||
	    !grow(task->holds, task->nholds, task->hold_room) ||
	    section_append(predict, task, record->op, record->object, record->stack, number))
		return -ENOMEM;
	task->frames[task->nframes++] = (struct frame){ at, at, task->held };
	task->holds[task->nholds++] = (struct hold){ record->object, at, 1, shared };
	object->holders++;
	object->exclusive += !shared;
	object->last = id;
	object->last_record = number;
	return held_change(&predict->held, task->held, record->object,
			   shared ? HELD_TAKE_SHARED : HELD_TAKE, &task->held);
}

/* Take it off the books of who holds what. */
static int end_hold(struct sg_predict *predict, struct task *task, struct hold *hold)
{
	struct object *object = &predict->objects[hold->object];
	uint32_t id = hold->object;
	bool shared = hold->shared;

	object->holders--;
	object->exclusive -= !shared;
	remove_hold(task, hold);
	return held_change(&predict->held, task->held, id,
			   shared ? HELD_DROP_SHARED : HELD_DROP, &task->held);
}

/* The object acquired at @at was given back: which section ends, if any? */
static int close_frames(struct sg_predict *predict, struct task *task, uint32_t at)
{
	bool nested = true;
	struct frame *top;

	while (task->nframes && task->frames[task->nframes - 1].start > at) {
		task->nframes--;
		nested = false;
	}
	if (!task->nframes) {		/* frames went when something was handed over */
		section_pin(task);
		return 0;
	}
	top = &task->frames[task->nframes - 1];
	if (top->held == task->held && (nested || top->start == at)) {
		uint32_t start = top->start;

		task->nframes--;
		return section_close(predict, task, start);
	}
	/* Under way something was given back that what is open relies on. */
	top->epoch = task->count;
	return 0;
}

static bool in_the_way(struct sg_predict *predict, uint32_t task, uint32_t object, bool shared)
{
	const struct hold *hold = find_hold(&predict->tasks[task], object);

	return hold && !(shared && hold->shared);
}

/*
 * The other task that was the last to take @object so that one that wants it
 * has to wait; UINT32_MAX for none.
 */
static uint32_t find_holder(struct sg_predict *predict, uint32_t id, uint32_t object, bool shared)
{
	const struct object *held = &predict->objects[object];
	uint32_t found = UINT32_MAX;
	uint64_t latest = 0;

	if (!held->holders || (shared && !held->exclusive))
		return UINT32_MAX;
	for (uint32_t i = 0; i < predict->ntasks; i++) {
		/* Mostly the one that was the last to take it still has it. */
		uint32_t other = i ? i - (i <= held->last) : held->last;
		struct task *task = &predict->tasks[other];
		uint64_t record;

		if (other == id || !in_the_way(predict, other, object, shared))
			continue;
		record = task->events[find_hold(task, object)->at].record;
		if (record == held->last_record)
			return other;
		if (record > latest) {
			latest = record;
			found = other;
		}
	}
	return found;
}

/* @id gives back what @holder acquired. */
static int release_for(struct sg_predict *predict, uint32_t id, uint32_t holder,
		       const struct sg_trace_record *record, uint64_t number)
{
	struct task *task = &predict->tasks[id], *from = &predict->tasks[holder];
	struct hold *hold = find_hold(from, record->object);
	struct object *object = &predict->objects[record->object];
	uint32_t at = hold->at, index = predict->nhandovers;

	if (!grow(predict->handovers, predict->nhandovers, predict->handover_room) ||
	    !grow(object->handovers, object->nhandovers, object->handover_room) ||
	    section_append(predict, task, OP_HANDED_RELEASE, record->object, record->stack, number))
		return -ENOMEM;
	predict->handovers[predict->nhandovers++] = (struct handover){
		.object = record->object, .from = holder, .at = at, .to = id,
		.until = task->count - 1, .shared = hold->shared,
	};
	object->handovers[object->nhandovers++] = index;
	task->events[task->count - 1].extra = index;
	from->hands_over = true;
	from->nframes = 0;
	section_pin(from);
	section_pin(task);
	if (add_need(task, task->count - 1, holder, at + 1, false))
		return -ENOMEM;
	return end_hold(predict, from, hold);
}

static int release(struct sg_predict *predict, uint32_t id, const struct sg_trace_record *record,
		   uint64_t number)
{
	struct task *task = &predict->tasks[id];
	struct hold *hold = find_hold(task, record->object);
	uint32_t holder, at;
	int err;

	if (!hold) {
		holder = find_holder(predict, id, record->object, false);
		if (holder != UINT32_MAX)
			return release_for(predict, id, holder, record, number);
		predict->stats.unmatched++;
		return 0;
	}
	if (--hold->depth)
		return 0;
	at = hold->at;
	err = section_append(predict, task, SG_OP_RELEASE, record->object, record->stack, number);
	if (!err)
		err = end_hold(predict, task, hold);
	return err ? err : close_frames(predict, task, at);
}

/* A try matters only if it was another task that was in the way. */
static int try_failed(struct sg_predict *predict, uint32_t id,
		      const struct sg_trace_record *record, uint64_t number)
{
	bool shared = record->op == SG_OP_TRY_SHARED_FAILED;
	uint32_t holder = find_holder(predict, id, record->object, shared);
	struct task *task = &predict->tasks[id];

	if (holder == UINT32_MAX)
		return 0;
	predict->objects[record->object].failed = true;
	section_pin(&predict->tasks[holder]);
	if (section_append(predict, task, record->op, record->object, record->stack, number) ||
	    add_need(task, task->count - 1, holder,
		     find_hold(&predict->tasks[holder], record->object)->at + 1, false))
		return -ENOMEM;
	task->failed_at = task->count;
	return section_close(predict, task, task->count - 1);
}

/* --- waits --- */

static int drain(struct sg_predict *predict, uint32_t id, const struct sg_trace_record *record,
		 uint64_t number)
{
	struct task *task = &predict->tasks[id];

	if (section_append(predict, task, record->op, record->object, record->stack, number))
		return -ENOMEM;
	return section_close(predict, task, task->count - 1);
}

static int fork_task(struct sg_predict *predict, uint32_t id, const struct sg_trace_record *record,
		     uint64_t number)
{
	struct task *task = &predict->tasks[id], *child = &predict->tasks[record->object];

	if (child->count || child == task) {
		predict->stats.contradictions++;
		return 0;
	}
	if (section_append(predict, task, record->op, record->object, record->stack, number) ||
	    section_append(predict, child, OP_START, id, record->stack, number) ||
	    add_need(child, 0, id, task->count, false))
		return -ENOMEM;
	section_pin(task);
	section_pin(child);
	return 0;
}

static int join(struct sg_predict *predict, uint32_t id, const struct sg_trace_record *record,
		uint64_t number)
{
	struct task *task = &predict->tasks[id], *child = &predict->tasks[record->object];

	if (!child->count || child == task)
		return 0;
	section_pin(child);
	if (section_append(predict, task, record->op, record->object, record->stack, number) ||
	    add_need(task, task->count - 1, record->object, child->count, false))
		return -ENOMEM;
	return section_close(predict, task, task->count - 1);
}

/* Once is enough: a completion stays completed. */
static int signal_others(struct sg_predict *predict, uint32_t id,
			 const struct sg_trace_record *record, uint64_t number)
{
	struct object *object = &predict->objects[record->object];
	struct task *task = &predict->tasks[id];

	for (uint32_t i = object->nsignals; i-- > 0;)
		if (object->signals[i].task == id)
			return 0;
	if (!grow(object->signals, object->nsignals, object->signal_room) ||
	    section_append(predict, task, record->op, record->object, record->stack, number))
		return -ENOMEM;
	object->signals[object->nsignals++] = (struct signal){ id, task->count - 1 };
	section_pin(task);
	return 0;
}

/* A completion that no recorded task had completed was completed by somebody else. */
static int await(struct sg_predict *predict, uint32_t id, const struct sg_trace_record *record,
		 uint64_t number)
{
	const struct object *object = &predict->objects[record->object];
	struct task *task = &predict->tasks[id];

	if (!object->nsignals)
		return 0;
	if (section_append(predict, task, record->op, record->object, record->stack, number) ||
	    add_need(task, task->count - 1, object->signals[0].task, object->signals[0].at + 1,
		     false))
		return -ENOMEM;
	return section_close(predict, task, task->count - 1);
}

int reduce_event(struct sg_predict *predict, const struct sg_trace_record *record, uint64_t number)
{
	static int (*const reducers[SG_OP_COUNT])(struct sg_predict *predict, uint32_t id,
						  const struct sg_trace_record *record,
						  uint64_t number) = {
		[SG_OP_ACQUIRE] = acquire,
		[SG_OP_ACQUIRE_SHARED] = acquire,
		[SG_OP_TRY] = acquire,
		[SG_OP_TRY_SHARED] = acquire,
		[SG_OP_TRY_FAILED] = try_failed,
		[SG_OP_TRY_SHARED_FAILED] = try_failed,
		[SG_OP_RELEASE] = release,
		[SG_OP_DRAIN] = drain,
		[SG_OP_FORK] = fork_task,
		[SG_OP_JOIN] = join,
		[SG_OP_SIGNAL] = signal_others,
		[SG_OP_AWAIT] = await,
	};

	predict->stats.events++;
	return reducers[record->op](predict, record->task, record, number);
}
