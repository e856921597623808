// SPDX-License-Identifier: GPL-2.0-only
/*
 * predict_section.c - leave out sections that a task has done before
 *
 * A section is a stretch of a task's events that ends with the same objects
 * held as it began with, none of them given back in between.  One that the
 * task has done before, under the same objects and with nothing in between
 * that sets others going (fork, signal, release of what another task
 * acquired), is left out: whatever can happen during the second can happen
 * during the first.  That it has to be passed is kept as a gap.
 * docs/PREDICT.md has the argument.
 */
#include <errno.h>

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

int section_append(struct sg_predict *predict, struct task *task, uint8_t op, uint32_t object,
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

void section_pin(struct task *task)
{
	task->pinned = task->epoch = task->count;
}

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
		if (task->events[i].op != OP_GAP && !sg_trace_op_on_task(task->events[i].op))
			predict->objects[task->events[i].object].left_out = true;
	while (task->nneeds && task->needs[task->nneeds - 1].at >= start)
		task->nneeds--;
	predict->stats.kept -= task->count - start;
	task->count = start;
}

static int add_set(struct held_table *held, uint32_t more, uint32_t *set)
{
	int err = 0;

	for (size_t i = 0; i < held->sets[more].count && !err; i++) {
		/* The table may move when a set is added. */
		struct held_entry entry = held->entries[held->sets[more].first + i];

		err = held_change(held, *set, entry.object,
				  entry.exclusive ? HELD_ADD : HELD_ADD_SHARED, set);
	}
	return err;
}

/* Add to @set what the events from @start on take. */
static int add_taken(struct sg_predict *predict, const struct task *task, uint32_t start,
		     uint32_t *set)
{
	int err = 0;

	for (uint32_t i = start; i < task->count && *set != (uint32_t)GAP_ANY && !err; i++) {
		const struct event *event = &task->events[i];

		if (event->op == OP_GAP && event->object == (uint32_t)GAP_ANY)
			*set = GAP_ANY;
		else if (event->op == OP_GAP)
			err = add_set(&predict->held, event->object, set);
		else if (takes_exclusive(event->op) || event->op == SG_OP_DRAIN)
			err = held_change(&predict->held, *set, event->object, HELD_ADD, set);
		else if (takes_shared(event->op))
			err = held_change(&predict->held, *set, event->object, HELD_ADD_SHARED, set);
	}
	return err;
}

/*
 * What is left out has to be passed all the same: its place is marked by what
 * it takes.
 */
static int leave_gap(struct sg_predict *predict, struct task *task, uint32_t start)
{
	bool more = start > task->pinned && task->events[start - 1].op == OP_GAP;
	uint32_t set = more ? task->events[start - 1].object : 0;
	uint64_t record = task->events[start].record;
	int err = add_taken(predict, task, start, &set);

	if (err)
		return err;
	if (set != (uint32_t)GAP_ANY && predict->held.sets[set].count > GAP_MAX)
		set = GAP_ANY;
	if (more && set == task->events[start - 1].object) {
		leave_out(predict, task, start);
		return 0;
	}
	leave_out(predict, task, more ? start - 1 : start);
	return section_append(predict, task, OP_GAP, set, SG_TRACE_NO_STACK, record);
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

int section_close(struct sg_predict *predict, struct task *task, uint32_t start)
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
		/* What follows its like at once can be passed together with it. */
		if (section->start + len != start)
			return leave_gap(predict, task, start);
		leave_out(predict, task, start);
		return 0;
	}
	task->nsections += !section->len;
	*section = (struct section){ key, start, len };
	return 0;
}
