// SPDX-License-Identifier: GPL-2.0-only
/*
 * predict_reduce.c - keep of each task's events what can matter
 *
 * A section is a stretch of a task's events that ends with the same objects
 * held as it began with, none of them given back in between.  A section that
 * the task has done before, under the same objects and with nothing in
 * between that sets others going (fork, signal, release of what another task
 * acquired), is left out: whatever can happen during the second can happen
 * during the first.  docs/PREDICT.md has the argument.
 */
#include <errno.h>
#include <string.h>

#include "predict_internal.h"

#define FACTOR 0x9e3779b97f4a7c15ULL	/* of the rolling hash; odd */

static uint64_t power(uint32_t exponent)
{
	uint64_t value = 1, square = FACTOR;

	for (; exponent; exponent >>= 1, square *= square)
		if (exponent & 1)
			value *= square;
	return value;
}

static uint64_t hash_before(const struct task *task, uint32_t pos)
{
	return pos ? task->events[pos - 1].hash : 0;
}

static uint64_t section_hash(const struct task *task, uint32_t start, uint32_t len)
{
	return hash_before(task, start + len) - hash_before(task, start) * power(len);
}

static int append(struct sg_predict *predict, struct task *task, uint8_t op, uint32_t object,
		  uint32_t stack, uint64_t number)
{
	uint64_t word = ((uint64_t)object << 8 | op) * 0xbf58476d1ce4e5b9ULL;

	if (task->count == UINT32_MAX - 1 || !grow(task->events, task->count, task->room))
		return -ENOMEM;
	task->events[task->count] = (struct event){
		.hash = hash_before(task, task->count) * FACTOR + (word ^ (word >> 31)),
		.record = number, .object = object, .held = task->held, .stack = stack, .op = op,
	};
	task->count++;
	predict->stats.kept++;
	return 0;
}

/* What follows sets others going: nothing before it can be left out, or stand for what comes. */
static void pin(struct task *task)
{
	task->pinned = task->epoch = task->count;
}

static int add_need(struct task *task, uint32_t at, uint32_t other, uint32_t pos, bool quiet_only)
{
	if (!grow(task->needs, task->nneeds, task->need_room))
		return -ENOMEM;
	task->needs[task->nneeds++] = (struct need){ at, other, pos, quiet_only };
	return 0;
}

/* --- sections --- */

/* The same events under other objects are another section. */
static uint64_t section_key(const struct task *task, uint32_t start, uint32_t len)
{
	uint64_t key = section_hash(task, start, len) ^ task->events[start].held * FACTOR;

	return key ^ (key >> 32);
}

static struct section *find_slot(const struct task *task, uint64_t hash)
{
	size_t slot = hash & (task->section_slots - 1);

	while (task->sections[slot].len && task->sections[slot].hash != hash)
		slot = (slot + 1) & (task->section_slots - 1);
	return &task->sections[slot];
}

/* Some sections lay in one that was left out later, or its place was taken over. */
static bool is_there(const struct task *task, const struct section *section)
{
	return section->len && section->start + section->len <= task->count &&
	       section_key(task, section->start, section->len) == section->hash;
}

static int grow_sections(struct task *task)
{
	struct section *old = task->sections, *sections;
	uint32_t count = task->section_slots, valid = 0, room = 16;

	for (uint32_t i = 0; i < count; i++)
		valid += is_there(task, &old[i]);
	while (room < 4 * (valid + 1))
		room *= 2;
	sections = calloc(room, sizeof(*sections));
	if (!sections)
		return -ENOMEM;
	task->sections = sections;
	task->section_slots = room;
	task->nsections = valid;
	for (uint32_t i = 0; i < count; i++)
		if (is_there(task, &old[i]))
			*find_slot(task, old[i].hash) = old[i];
	free(old);
	return 0;
}

static bool same_events(const struct task *task, uint32_t a, uint32_t b, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		if (task->events[a + i].op != task->events[b + i].op ||
		    task->events[a + i].object != task->events[b + i].object)
			return false;
	return true;
}

/* Were the @len events from @start done before, at @limit or later, under the same objects? */
static bool done_before(const struct task *task, const struct section *section, uint32_t limit,
			uint32_t start, uint32_t len)
{
	return section->len == len && section->start >= limit && section->start + len <= start &&
	       task->events[section->start].held == task->events[start].held &&
	       same_events(task, section->start, start, len);
}

static void leave_out(struct sg_predict *predict, struct task *task, uint32_t start)
{
	for (uint32_t i = start; i < task->count; i++)
		if (!sg_trace_op_on_task(task->events[i].op))
			predict->objects[task->events[i].object].left_out = true;
	while (task->nneeds && task->needs[task->nneeds - 1].at >= start)
		task->nneeds--;
	predict->stats.kept -= task->count - start;
	task->count = start;
}

/*
 * A try has to fail each time, which later may be harder than now: only what
 * comes again at once can fail as it did before.
 */
static int close_failed(struct sg_predict *predict, struct task *task, uint32_t start,
			uint32_t limit)
{
	uint32_t len = task->count - start;

	if (start < limit || start - limit < len ||
	    task->events[start - len].held != task->events[start].held ||
	    !same_events(task, start - len, start, len))
		return 0;
	task->failed_at -= len;
	leave_out(predict, task, start);
	return 0;
}

/* The events from @start to the last one are a section. */
static int close_section(struct sg_predict *predict, struct task *task, uint32_t start)
{
	uint32_t len = task->count - start, limit = task->epoch;
	const struct frame *around = task->nframes ? &task->frames[task->nframes - 1] : NULL;
	struct section *section;
	uint64_t key;

	if (start < task->pinned)
		return 0;
	if (around && limit < around->epoch)
		limit = around->epoch;
	if (task->failed_at > start)
		return close_failed(predict, task, start, limit);
	if (4 * (task->nsections + 1) > 3 * task->section_slots && grow_sections(task))
		return -ENOMEM;
	key = section_key(task, start, len);
	section = find_slot(task, key);
	if (done_before(task, section, limit, start, len)) {
		leave_out(predict, task, start);
		return 0;
	}
	task->nsections += !section->len;
	*section = (struct section){ key, start, len };
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
	    append(predict, task, record->op, record->object, record->stack, number))
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
		pin(task);
		return 0;
	}
	top = &task->frames[task->nframes - 1];
	if (top->held == task->held && (nested || top->start == at)) {
		uint32_t start = top->start;

		task->nframes--;
		return close_section(predict, task, start);
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
	    append(predict, task, OP_HANDED_RELEASE, record->object, record->stack, number))
		return -ENOMEM;
	predict->handovers[predict->nhandovers++] = (struct handover){
		.object = record->object, .from = holder, .at = at, .to = id,
		.until = task->count - 1, .shared = hold->shared,
	};
	object->handovers[object->nhandovers++] = index;
	task->events[task->count - 1].extra = index;
	from->hands_over = true;
	from->nframes = 0;
	pin(from);
	pin(task);
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
	err = append(predict, task, SG_OP_RELEASE, record->object, record->stack, number);
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
	pin(&predict->tasks[holder]);
	if (append(predict, task, record->op, record->object, record->stack, number) ||
	    add_need(task, task->count - 1, holder,
		     find_hold(&predict->tasks[holder], record->object)->at + 1, false))
		return -ENOMEM;
	task->failed_at = task->count;
	return close_section(predict, task, task->count - 1);
}

/* --- waits --- */

static int drain(struct sg_predict *predict, uint32_t id, const struct sg_trace_record *record,
		 uint64_t number)
{
	struct task *task = &predict->tasks[id];

	if (append(predict, task, record->op, record->object, record->stack, number))
		return -ENOMEM;
	return close_section(predict, task, task->count - 1);
}

static int fork_task(struct sg_predict *predict, uint32_t id, const struct sg_trace_record *record,
		     uint64_t number)
{
	struct task *task = &predict->tasks[id], *child = &predict->tasks[record->object];

	if (child->count || child == task) {
		predict->stats.contradictions++;
		return 0;
	}
	if (append(predict, task, record->op, record->object, record->stack, number) ||
	    append(predict, child, OP_START, id, record->stack, number) ||
	    add_need(child, 0, id, task->count, false))
		return -ENOMEM;
	pin(task);
	pin(child);
	return 0;
}

static int join(struct sg_predict *predict, uint32_t id, const struct sg_trace_record *record,
		uint64_t number)
{
	struct task *task = &predict->tasks[id], *child = &predict->tasks[record->object];

	if (!child->count || child == task)
		return 0;
	pin(child);
	if (append(predict, task, record->op, record->object, record->stack, number) ||
	    add_need(task, task->count - 1, record->object, child->count, false))
		return -ENOMEM;
	return close_section(predict, task, task->count - 1);
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
	    append(predict, task, record->op, record->object, record->stack, number))
		return -ENOMEM;
	object->signals[object->nsignals++] = (struct signal){ id, task->count - 1 };
	pin(task);
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
	if (append(predict, task, record->op, record->object, record->stack, number) ||
	    add_need(task, task->count - 1, object->signals[0].task, object->signals[0].at + 1,
		     false))
		return -ENOMEM;
	return close_section(predict, task, task->count - 1);
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
