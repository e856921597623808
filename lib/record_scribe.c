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
#include "trace_internal.h"

#define RESCAN_REMOVE "the rescan/remove lock"

struct hold {
	uint32_t object;
	bool shared;
};

/**
 * struct thread - a thread of the kernel, and the task of the trace that it is now
 * @name: of its task, until that is written
 */
struct thread {
	bool written;
	uint32_t task;
	char name[160];
	struct hold *holds;
	size_t nholds, room;
	char device[REC_NAME];		/* innermost device lock it took last */
};

struct sg_scribe {
	struct sg_trace_writer *writer;
	struct sg_symbols *symbols;
	struct sg_namer *namer;
	struct sg_stacks *stacks;
	struct sg_intern *objects;	/* kind and name */
	struct sg_map *signalled;	/* completions, by address */
	struct sg_map *threads;		/* tid to struct thread */
	uint64_t first;			/* time of the first event */
	uint64_t events;
	size_t operations, tasks, nobjects;
};

int sg_scribe_create(struct sg_trace_writer *writer, struct sg_symbols *symbols,
		     struct sg_scribe **ret)
{
	struct sg_scribe *scribe = calloc(1, sizeof(*scribe));

	if (!scribe)
		return -ENOMEM;
	scribe->writer = writer;
	scribe->symbols = symbols;
	scribe->objects = sg_intern_create();
	scribe->signalled = sg_map_create();
	scribe->threads = sg_map_create();
	if (!scribe->objects || !scribe->signalled || !scribe->threads ||
	    sg_namer_create(symbols, &scribe->namer) ||
	    sg_stacks_create(writer, symbols, &scribe->stacks)) {
		sg_scribe_destroy(scribe);
		return -ENOMEM;
	}
	*ret = scribe;
	return 0;
}

static void free_thread(uint64_t value)
{
	struct thread *thread = (struct thread *)(uintptr_t)value;

	free(thread->holds);
	free(thread);
}

void sg_scribe_destroy(struct sg_scribe *scribe)
{
	if (!scribe)
		return;
	if (scribe->threads)
		sg_map_each(scribe->threads, free_thread);
	sg_map_destroy(scribe->threads);
	sg_map_destroy(scribe->signalled);
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
	free_thread((uintptr_t)thread);
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
	char key[sizeof(named->name) + 16];
	bool added;
	int len = snprintf(key, sizeof(key), "%d %s", named->kind, named->name);

	if (sg_intern(scribe->objects, key, len, ret, &added))
		return no_memory(err);
	scribe->nobjects += added;
	return added ? sg_trace_write_object(scribe->writer, named->kind, named->name, NULL, err) :
		       0;
}

/* --- what a thread holds --- */

static int push(struct thread *thread, uint32_t object, bool shared, struct sg_error *err)
{
	if (thread->nholds == thread->room) {
		size_t room = thread->room ? thread->room * 2 : 8;
		struct hold *holds = reallocarray(thread->holds, room, sizeof(*holds));

		if (!holds)
			return no_memory(err);
		thread->holds = holds;
		thread->room = room;
	}
	thread->holds[thread->nholds++] = (struct hold){ object, shared };
	return 0;
}

static bool pull(struct thread *thread, uint32_t object)
{
	for (size_t i = thread->nholds; i-- > 0;) {
		if (thread->holds[i].object != object)
			continue;
		memmove(&thread->holds[i], &thread->holds[i + 1],
			(--thread->nholds - i) * sizeof(*thread->holds));
		return true;
	}
	return false;
}

static bool holds(const struct thread *thread, uint32_t object)
{
	for (size_t i = 0; i < thread->nholds; i++)
		if (thread->holds[i].object == object)
			return true;
	return false;
}

/* --- one operation of a task --- */

struct line {
	const struct rec_event *event;
	struct thread *thread;
	uint32_t stack;
};

static int write(struct sg_scribe *scribe, const struct line *line, enum sg_trace_op op,
		 uint32_t object, struct sg_error *err)
{
	struct sg_trace_record record = {
		.type = SG_TRACE_EVENT, .op = op, .object = object,
		.stack = op == SG_OP_RELEASE ? SG_TRACE_NO_STACK : line->stack,
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

static int write_op(struct sg_scribe *scribe, const struct line *line, enum sg_trace_op op,
		    uint32_t object, struct sg_error *err)
{
	int code = 0;

	if (op == SG_OP_RELEASE && !pull(line->thread, object) && !may_be_others(line->event))
		return 0;
	if (op <= SG_OP_TRY_SHARED)
		code = push(line->thread, object, op & 1, err);
	return code ? code : write(scribe, line, op, object, err);
}

/*
 * slotgate's own ways of waiting that end by themselves: at the topology gate those
 * that can leave it, and who changes virtual functions, who looks first whether the
 * device's lock is free and comes back if it is not.
 */
static const struct {
	enum sg_object_kind kind;
	const char *name;		/* NULL: any */
	const char *function;
} passing[] = {
	{ SG_OBJ_MUTEX, RESCAN_REMOVE, "sg_topo_enter_file" },
	{ SG_OBJ_MUTEX, RESCAN_REMOVE, "sg_topo_enter_handler" },
	{ SG_OBJ_MUTEX, RESCAN_REMOVE, "sg_topo_enter_device_locked" },
	{ SG_OBJ_DEVICE, NULL, "sg_sriov_numvfs_store" },
};

static bool ends_by_itself(const struct sg_scribe *scribe, const struct rec_event *event,
			   const struct sg_named *named)
{
	if (event->op != SG_OP_ACQUIRE)
		return false;
	for (size_t i = 0; i < sizeof(passing) / sizeof(*passing); i++)
		if (passing[i].kind == named->kind &&
		    (!passing[i].name || !strcmp(passing[i].name, named->name)) &&
		    sg_stack_passes(scribe->symbols, event, passing[i].function))
			return true;
	return false;
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
	if (ends_by_itself(scribe, event, &named))
		op = SG_OP_TRY;
	if (event->what == REC_DEVICE)
		snprintf(line->thread->device, sizeof(line->thread->device), "%s",
			 op == SG_OP_RELEASE ? "" : event->name);
	code = object_id(scribe, &named, &object, err);
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
	if (code || !holds(line->thread, lock))
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

/* An interrupt came in between: what it does is not the task's doing. */
static bool in_interrupt(const struct sg_scribe *scribe, const struct rec_event *event)
{
	static const char *const ways[] = {
		"asm_common_interrupt", "asm_sysvec_", "__do_softirq", "handle_softirqs",
		"asm_exc_nmi",
	};

	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		if (sg_stack_passes(scribe->symbols, event, ways[i]))
			return true;
	return false;
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
		if (in_interrupt(scribe, event))
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

static int take_lock(struct sg_scribe *scribe, const struct rec_event *event,
		     struct sg_error *err)
{
	struct line line = { .event = event, .thread = get_thread(scribe, event->tid) };
	int code = line.thread ? 0 : no_memory(err);

	if (!code && event->op != SG_OP_RELEASE)
		code = sg_stacks_id(scribe->stacks, event, &line.stack, err);
	if (code)
		return code;
	if (event->what == REC_SYSFS && event->op == SG_OP_DRAIN && event->aux)
		return take_drain(scribe, &line, err);
	if (event->what == REC_IRQ_THREAD)
		return take_interrupt(scribe, &line, err);
	if (event->what == REC_COMPLETION)
		return take_completion(scribe, &line, err);
	return take_plain(scribe, &line, err);
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
		drop_thread(scribe, event->tid);
		return 0;
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
