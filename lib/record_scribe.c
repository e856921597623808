// SPDX-License-Identifier: GPL-2.0-only
/*
 * record_scribe.c - events of the kernel as records of a trace
 *
 * Each operation on PCI is a task of its own, unless its thread still holds
 * something from before: the owner of an open device, say.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "record_internal.h"
#include "record_thread.h"
#include "trace_internal.h"

#define RESCAN_REMOVE "the rescan/remove lock"

struct sg_scribe {
	struct sg_trace_writer *writer;
	struct sg_namer *namer;
	struct sg_stacks *stacks;
	struct sg_intern *objects;	/* kind and name */
	struct sg_map *signalled;	/* completions, by address */
	struct sg_map *bindings;	/* number of the latest, by device */
	struct sg_map *threads;		/* tid to struct thread */
	struct sg_map *owners;		/* tid, by address of a lock that knows its owner */
	uint64_t first;			/* time of the first event */
	uint64_t events;
	size_t operations, tasks, nobjects, nbindings;
};

int sg_scribe_create(struct sg_trace_writer *writer, struct sg_symbols *symbols,
		     struct sg_scribe **ret)
{
	struct sg_scribe *scribe = calloc(1, sizeof(*scribe));

	if (!scribe)
		return -ENOMEM;
	scribe->writer = writer;
	scribe->objects = sg_intern_create();
	scribe->signalled = sg_map_create();
	scribe->bindings = sg_map_create();
	scribe->threads = sg_map_create();
	scribe->owners = sg_map_create();
	if (!scribe->objects || !scribe->signalled || !scribe->bindings || !scribe->threads ||
	    !scribe->owners ||
	    sg_namer_create(symbols, &scribe->namer) ||
	    sg_stacks_create(writer, symbols, &scribe->stacks)) {
		sg_scribe_destroy(scribe);
		return -ENOMEM;
	}
	*ret = scribe;
	return 0;
}

void sg_scribe_destroy(struct sg_scribe *scribe)
{
	if (!scribe)
		return;
	if (scribe->threads)
		sg_map_each(scribe->threads, sg_thread_free);
	sg_map_destroy(scribe->threads);
	sg_map_destroy(scribe->owners);
	sg_map_destroy(scribe->signalled);
	sg_map_destroy(scribe->bindings);
	sg_intern_destroy(scribe->objects);
	sg_namer_destroy(scribe->namer);
	sg_stacks_destroy(scribe->stacks);
	free(scribe);
}

static int no_memory(struct sg_error *err)
{
	return sg_error_set(err, -ENOMEM, "no memory to record");
}

/* --- threads and tasks --- */

static struct thread *find_thread(const struct sg_scribe *scribe, uint32_t tid)
{
	const uint64_t *value = sg_map_find(scribe->threads, tid);

	return value ? (struct thread *)(uintptr_t)*value : NULL;
}

static struct thread *get_thread(struct sg_scribe *scribe, uint32_t tid)
{
	struct thread *thread = find_thread(scribe, tid);

	if (thread)
		return thread;
	thread = calloc(1, sizeof(*thread));
	if (!thread || sg_map_put(scribe->threads, tid, (uintptr_t)thread)) {
		free(thread);
		return NULL;
	}
	snprintf(thread->name, sizeof(thread->name), "thread %u", tid);
	return thread;
}

static void drop_thread(struct sg_scribe *scribe, uint32_t tid)
{
	struct thread *thread = find_thread(scribe, tid);

	if (!thread || thread->nholds)
		return;
	sg_map_remove(scribe->threads, tid);
	sg_thread_free((uintptr_t)thread);
}

/* What the task is called that an operation begins. */
static void name_operation(struct sg_scribe *scribe, const struct rec_event *event, char *buf,
			   size_t size)
{
	size_t number = ++scribe->operations;
	const char *words = event->what == REC_WRITE ? "writes" : "reads";

	if (event->what == REC_IRQ && event->name[0])
		snprintf(buf, size, "slot %s's interrupt thread #%zu", event->name, number);
	else if (event->what == REC_IRQ)
		snprintf(buf, size, "%s #%zu", event->comm, number);
	else if (event->what == REC_VFIO)
		snprintf(buf, size, "%s/%u #%zu, uses vfio", event->comm, event->tid, number);
	else if (event->what == REC_DRIVER)
		snprintf(buf, size, "%s/%u #%zu%s%s", event->comm, event->tid, number,
			 event->name[0] ? ", on " : "", event->name);
	else
		snprintf(buf, size, "%s/%u #%zu, %s %s/%s", event->comm, event->tid, number, words,
			 event->folder, event->name);
}

/* Somebody who holds something goes on as what he was. */
static int begin(struct sg_scribe *scribe, const struct rec_event *event, struct sg_error *err)
{
	struct thread *thread = get_thread(scribe, event->tid);

	if (!thread)
		return no_memory(err);
	sg_thread_forget_lent(thread);
	if (thread->nholds)
		return 0;
	thread->written = false;
	thread->device[0] = '\0';
	name_operation(scribe, event, thread->name, sizeof(thread->name));
	return 0;
}

static int task_of(struct sg_scribe *scribe, struct thread *thread, uint32_t *ret,
		   struct sg_error *err)
{
	int code = 0;

	if (!thread->written) {
		code = sg_trace_write_task(scribe->writer, thread->name, &thread->task, err);
		thread->written = !code;
		scribe->tasks += !code;
	}
	*ret = thread->task;
	return code;
}

/* --- objects --- */

static int object_id(struct sg_scribe *scribe, const struct sg_named *named, uint32_t *ret,
		     struct sg_error *err)
{
	char key[sizeof(named->name) + 1];
	size_t len = sg_put_text(key, sizeof(key), 1, named->name);
	bool added;

	key[0] = 'A' + named->kind;
	if (sg_intern(scribe->objects, key, len, ret, &added))
		return no_memory(err);
	scribe->nobjects += added;
	return added ? sg_trace_write_object(scribe->writer, named->kind, named->name, NULL, err) :
		       0;
}

/* --- one operation of a task --- */

struct line {
	const struct rec_event *event;
	struct thread *thread;
	struct sg_stack stack;
};

static int write(struct sg_scribe *scribe, const struct line *line, enum sg_trace_op op,
		 uint32_t object, struct sg_error *err)
{
	struct sg_trace_record record = {
		.type = SG_TRACE_EVENT, .op = op, .object = object,
		.stack = op == SG_OP_RELEASE ? SG_TRACE_NO_STACK : line->stack.id,
		.time = line->event->time - scribe->first,
	};
	int code = task_of(scribe, line->thread, &record.task, err);

	scribe->events++;
	return code ? code : sg_trace_write(scribe->writer, &record, err);
}

/*
 * Given back by somebody who was not seen to take it: taken before he was
 * followed, or told twice.  A device may be closed by another thread, though.
 */
static bool may_be_others(const struct rec_event *event)
{
	return event->what == REC_OPEN || event->what == REC_CONFIG;
}

static struct hold hold_of(const struct line *line, uint32_t object)
{
	const struct rec_event *event = line->event;

	return (struct hold){ .object = object, .device = event->what == REC_DEVICE,
			      .address = event->owned ? event->object : 0,
			      .place = event->owned, .stack = line->stack.id };
}

static int write_op(struct sg_scribe *scribe, const struct line *line, enum sg_trace_op op,
		    uint32_t object, struct sg_error *err)
{
	if (op == SG_OP_RELEASE && !sg_thread_pull(line->thread, object) &&
	    !may_be_others(line->event))
		return 0;
	if (op <= SG_OP_TRY_SHARED &&
	    sg_thread_push(line->thread, hold_of(line, object)))
		return no_memory(err);
	return write(scribe, line, op, object, err);
}

/* --- locks that know their owner --- */

/* What no event of its own tells. */
static int write_hold(struct sg_scribe *scribe, struct thread *thread, const struct hold *hold,
		      enum sg_trace_op op, const struct rec_event *event, struct sg_error *err)
{
	struct line line = { event, thread, { .id = hold->stack } };

	if (op == SG_OP_RELEASE && hold->device)
		thread->device[0] = '\0';
	return write(scribe, &line, op, hold->object, err);
}

/* It was given back since the event before. */
static int take_released(struct sg_scribe *scribe, struct thread *thread, unsigned int place,
			 const struct rec_event *event, struct sg_error *err)
{
	const struct hold *found = sg_thread_find_place(thread, place);
	const uint64_t *owner;
	struct hold hold;

	if (!found)
		return 0;
	hold = *found;
	owner = sg_map_find(scribe->owners, hold.address);
	if (owner && *owner == event->tid)
		sg_map_remove(scribe->owners, hold.address);
	sg_thread_pull(thread, hold.object);
	return hold.lent ? 0 : write_hold(scribe, thread, &hold, SG_OP_RELEASE, event, err);
}

static int take_all_released(struct sg_scribe *scribe, struct thread *thread,
			     const struct rec_event *event, struct sg_error *err)
{
	int code = 0;

	for (uint64_t left = event->released; left && !code; left &= left - 1)
		code = take_released(scribe, thread, __builtin_ctzll(left) + 1, event, err);
	return code;
}

/*
 * Somebody else has got it.  So it was given back: that is told when its owner does
 * something next; if it is not, he has taken it again (bpf/owned.h).
 */
static int lend(struct sg_scribe *scribe, uint32_t tid, uint64_t address,
		const struct rec_event *event, struct sg_error *err)
{
	struct thread *thread = find_thread(scribe, tid);
	struct hold *hold = thread ? sg_thread_find(thread, address) : NULL;

	if (!hold || hold->lent)
		return 0;
	hold->lent = true;
	return write_hold(scribe, thread, hold, SG_OP_RELEASE, event, err);
}

/* Who has got it got it from whoever had it. */
static int take_from_owner(struct sg_scribe *scribe, uint64_t address,
			   const struct rec_event *event, struct sg_error *err)
{
	const uint64_t *owner = sg_map_find(scribe->owners, address);

	return owner && *owner != event->tid ? lend(scribe, *owner, address, event, err) : 0;
}

static int take_over(struct sg_scribe *scribe, const struct rec_event *event,
		     struct sg_error *err)
{
	int code;

	if (event->op > SG_OP_TRY_SHARED)
		return 0;
	code = take_from_owner(scribe, event->object, event, err);
	if (!code && event->owned && sg_map_put(scribe->owners, event->object, event->tid))
		code = no_memory(err);
	return code;
}

static int take_back(struct sg_scribe *scribe, struct thread *thread, struct hold *hold,
		     const struct rec_event *event, struct sg_error *err)
{
	int code = take_from_owner(scribe, hold->address, event, err);

	if (code)
		return code;
	if (sg_map_put(scribe->owners, hold->address, event->tid))
		return no_memory(err);
	hold->lent = false;
	return write_hold(scribe, thread, hold, SG_OP_ACQUIRE, event, err);
}

/* Before what the event itself tells: what it says was given back; the rest is held again. */
static int catch_up(struct sg_scribe *scribe, struct thread *thread,
		    const struct rec_event *event, struct sg_error *err)
{
	int code = take_all_released(scribe, thread, event, err);

	for (size_t i = 0; !code && i < thread->nholds; i++)
		if (thread->holds[i].lent)
			code = take_back(scribe, thread, &thread->holds[i], event, err);
	return code;
}

/*
 * slotgate's own ways of waiting that end by themselves: at the topology gate those
 * that can leave it, and who changes virtual functions, who looks first whether the
 * device's lock is free and comes back if it is not.
 */
static bool ends_by_itself(const struct line *line, const struct sg_named *named)
{
	if (line->event->op != SG_OP_ACQUIRE)
		return false;
	if (named->kind == SG_OBJ_DEVICE)
		return line->stack.ways & SG_WAY_NUMVFS;
	return (line->stack.ways & SG_WAY_TOPO) && named->kind == SG_OBJ_MUTEX &&
	       !strcmp(named->name, RESCAN_REMOVE);
}

static int take_plain(struct sg_scribe *scribe, const struct line *line, struct sg_error *err)
{
	const struct rec_event *event = line->event;
	enum sg_trace_op op = event->op;
	struct sg_named named;
	uint32_t object;
	int code;

	if (sg_namer_object(scribe->namer, event, &named))
		return no_memory(err);
	if (ends_by_itself(line, &named))
		op = SG_OP_TRY;
	if (event->what == REC_DEVICE)
		sg_put_text(line->thread->device, sizeof(line->thread->device), 0,
			    op == SG_OP_RELEASE ? "" : event->name);
	code = object_id(scribe, &named, &object, err);
	if (!code)
		code = take_over(scribe, event, err);
	return code ? code : write_op(scribe, line, op, object, err);
}

/* The tree's lock is not held while files are drained, however short that is. */
static int take_drain(struct sg_scribe *scribe, const struct line *line, struct sg_error *err)
{
	struct rec_event tree = { .what = REC_RWSEM, .object = line->event->aux };
	struct sg_named named;
	uint32_t lock;
	int code;

	if (sg_namer_object(scribe->namer, &tree, &named))
		return no_memory(err);
	code = object_id(scribe, &named, &lock, err);
	if (code || !sg_thread_holds(line->thread, lock))
		return code ? code : take_plain(scribe, line, err);
	code = write(scribe, line, SG_OP_RELEASE, lock, err);
	if (!code)
		code = take_plain(scribe, line, err);
	return code ? code : write(scribe, line, SG_OP_ACQUIRE, lock, err);
}

/*
 * Who frees an interrupt waits for all threads of its number, which services
 * of a port share; each thread does one thing at a time.
 */
static int take_interrupt(struct sg_scribe *scribe, const struct line *line, struct sg_error *err)
{
	struct rec_event all = *line->event;
	struct line shared = { &all, line->thread, line->stack };
	int code = 0;

	all.name[0] = '\0';
	if (all.op == SG_OP_TRY)
		all.op = SG_OP_TRY_SHARED;
	if (line->event->op != SG_OP_DRAIN)
		code = take_plain(scribe, line, err);
	return code ? code : take_plain(scribe, &shared, err);
}

/*
 * A completion is waited for once.  One that somebody completed who is not
 * followed is left out: nothing is known about him.
 */
static int take_completion(struct sg_scribe *scribe, const struct line *line,
			   struct sg_error *err)
{
	const struct rec_event *event = line->event;
	bool known = sg_map_find(scribe->signalled, event->object);
	int code = 0;

	if (event->op == SG_OP_SIGNAL) {
		/* an interrupt came in between: what it does is not the task's doing */
		if (line->stack.ways & SG_WAY_INTERRUPT)
			return 0;
		if (sg_map_put(scribe->signalled, event->object, 1))
			return no_memory(err);
		return take_plain(scribe, line, err);
	}
	if (known)
		code = take_plain(scribe, line, err);
	sg_map_remove(scribe->signalled, event->object);
	sg_namer_over(scribe->namer, event->object);
	return code;
}

/*
 * A device that has lost its driver has none for ever: what needs one, and was done
 * before, could not have been done then.  The next driver is another story.
 */
static int take_bound(struct sg_scribe *scribe, const struct line *line, struct sg_error *err)
{
	const struct rec_event *event = line->event;
	const uint64_t *binding = sg_map_find(scribe->bindings, event->object);
	struct sg_named named;
	uint32_t object;
	size_t len;
	int code;

	if (event->op == SG_OP_RELEASE)
		return sg_map_put(scribe->bindings, event->object, ++scribe->nbindings) ?
			no_memory(err) : 0;
	if (sg_namer_object(scribe->namer, event, &named))
		return no_memory(err);
	len = strlen(named.name);
	if (binding)
		snprintf(named.name + len, sizeof(named.name) - len, " (%llu)",
			 (unsigned long long)*binding);
	code = object_id(scribe, &named, &object, err);
	if (!code)
		code = write(scribe, line, event->op, object, err);
	if (!code && event->op == SG_OP_TRY_SHARED)
		code = write(scribe, line, SG_OP_RELEASE, object, err);
	return code;
}

static int take_lock(struct sg_scribe *scribe, const struct rec_event *event,
		     struct sg_error *err)
{
	struct line line = { .event = event, .thread = get_thread(scribe, event->tid) };
	int code = line.thread ? catch_up(scribe, line.thread, event, err) : no_memory(err);

	if (!code && event->op != SG_OP_RELEASE)
		code = sg_stacks_find(scribe->stacks, event, &line.stack, err);
	if (code)
		return code;
	if (event->what == REC_SYSFS && event->op == SG_OP_DRAIN && event->aux)
		return take_drain(scribe, &line, err);
	if (event->what == REC_IRQ_THREAD)
		return take_interrupt(scribe, &line, err);
	if (event->what == REC_BOUND)
		return take_bound(scribe, &line, err);
	if (event->what == REC_COMPLETION)
		return take_completion(scribe, &line, err);
	return take_plain(scribe, &line, err);
}

static int end(struct sg_scribe *scribe, const struct rec_event *event, struct sg_error *err)
{
	struct thread *thread = find_thread(scribe, event->tid);
	int code = thread ? catch_up(scribe, thread, event, err) : 0;

	if (!code)
		drop_thread(scribe, event->tid);
	return code;
}

int sg_scribe_take(struct sg_scribe *scribe, const struct rec_event *event, struct sg_error *err)
{
	const struct thread *thread = find_thread(scribe, event->tid);

	if (!scribe->first)
		scribe->first = event->time;
	switch (event->type) {
	case REC_BEGIN:
		return begin(scribe, event, err);
	case REC_END:
		return end(scribe, event, err);
	case REC_MADE:
		return sg_namer_made(scribe->namer, event, thread ? thread->device : "") ?
			no_memory(err) : 0;
	case REC_NAMED:
		return sg_namer_named(scribe->namer, event) ? no_memory(err) : 0;
	case REC_LOCK:
		return take_lock(scribe, event, err);
	}
	return 0;
}

int sg_scribe_lost(struct sg_scribe *scribe, uint64_t count, struct sg_error *err)
{
	struct sg_trace_record record = { .type = SG_TRACE_LOST, .count = count };

	return sg_trace_write(scribe->writer, &record, err);
}

void sg_scribe_modules(struct sg_scribe *scribe)
{
	sg_stacks_forget(scribe->stacks);
}

void sg_scribe_count(const struct sg_scribe *scribe, struct sg_record_stats *ret)
{
	ret->events = scribe->events;
	ret->tasks = scribe->tasks;
	ret->objects = scribe->nobjects;
}
