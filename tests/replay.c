// SPDX-License-Identifier: GPL-2.0-only
/*
 * replay FILE - do with real threads and locks what a trace says, in its order
 *
 * For other detectors to watch (tests/compare): built with -fsanitize=thread, or
 * run under helgrind.  One thread per task; a token goes from thread to thread,
 * so that nothing ever waits.  Mutexes are pthread mutexes, objects that are
 * ever shared are reader/writer locks.  What pthreads have no word for (drain,
 * completion, failed try, release for another task) is passed over.
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>

#include "slotgate/trace.h"

struct lock {
	pthread_mutex_t mutex;
	pthread_rwlock_t rwlock;
	bool shared;
	uint32_t holder, depth;
};

struct task {
	pthread_t thread;
	sem_t go, done;
	struct sg_trace_record *next;	/* NULL: end */
	bool begun, ended;
};

static struct sg_trace_record *events;
static struct lock *locks;
static struct task *tasks;
static size_t nevents, event_room, nlocks, ntasks;

static void *run(void *data);

static void *bigger(void *array, size_t count, size_t size)
{
	array = realloc(array, count * size);
	if (!array)
		abort();
	return array;
}

static void load(const char *path)
{
	struct sg_trace_reader *reader;
	struct sg_trace_record record;
	struct sg_error err;
	int code = sg_trace_open(path, &reader, &err);

	while (!code && (code = sg_trace_read(reader, &record, &err)) > 0) {
		code = 0;
		ntasks += record.type == SG_TRACE_TASK;
		nlocks += record.type == SG_TRACE_OBJECT;
		if (record.type != SG_TRACE_EVENT)
			continue;
		if (nevents == event_room) {
			event_room = event_room ? 2 * event_room : 1024;
			events = bigger(events, event_room, sizeof(*events));
		}
		events[nevents++] = record;
	}
	if (code) {
		fprintf(stderr, "replay: %s\n", err.text);
		exit(2);
	}
	sg_trace_close(reader);
}

static void prepare(void)
{
	locks = calloc(nlocks + 1, sizeof(*locks));
	tasks = calloc(ntasks + 1, sizeof(*tasks));
	if (!locks || !tasks)
		abort();
	for (size_t i = 0; i < nevents; i++)
		if (events[i].op == SG_OP_ACQUIRE_SHARED || events[i].op == SG_OP_TRY_SHARED)
			locks[events[i].object].shared = true;
	for (size_t i = 0; i < nlocks; i++) {
		pthread_mutex_init(&locks[i].mutex, NULL);
		pthread_rwlock_init(&locks[i].rwlock, NULL);
	}
	for (size_t i = 0; i < ntasks; i++) {
		sem_init(&tasks[i].go, 0, 0);
		sem_init(&tasks[i].done, 0, 0);
	}
}

static void begin(uint32_t id)
{
	if (!tasks[id].begun && pthread_create(&tasks[id].thread, NULL, run, &tasks[id]))
		abort();
	tasks[id].begun = true;
}

static void end(uint32_t id)
{
	if (!tasks[id].begun || tasks[id].ended)
		return;
	tasks[id].next = NULL;
	sem_post(&tasks[id].go);
	pthread_join(tasks[id].thread, NULL);
	tasks[id].ended = true;
}

static void acquire(struct lock *lock, const struct sg_trace_record *event)
{
	bool try = event->op == SG_OP_TRY || event->op == SG_OP_TRY_SHARED;
	bool shared = event->op == SG_OP_ACQUIRE_SHARED || event->op == SG_OP_TRY_SHARED;

	if (lock->depth && lock->holder == event->task && !shared) {
		lock->depth++;
		return;
	}
	if (!lock->shared)
		(try ? pthread_mutex_trylock : pthread_mutex_lock)(&lock->mutex);
	else if (shared)
		(try ? pthread_rwlock_tryrdlock : pthread_rwlock_rdlock)(&lock->rwlock);
	else
		(try ? pthread_rwlock_trywrlock : pthread_rwlock_wrlock)(&lock->rwlock);
	lock->holder = event->task;
	lock->depth = 1;
}

static void release(struct lock *lock, const struct sg_trace_record *event)
{
	if (lock->depth > 1 && lock->holder == event->task) {
		lock->depth--;
		return;
	}
	lock->depth = 0;
	if (lock->shared)
		pthread_rwlock_unlock(&lock->rwlock);
	else
		pthread_mutex_unlock(&lock->mutex);
}

static void do_event(const struct sg_trace_record *event)
{
	switch (event->op) {
	case SG_OP_ACQUIRE:
	case SG_OP_ACQUIRE_SHARED:
	case SG_OP_TRY:
	case SG_OP_TRY_SHARED:
		acquire(&locks[event->object], event);
		break;
	case SG_OP_RELEASE:
		release(&locks[event->object], event);
		break;
	case SG_OP_FORK:
		begin(event->object);
		break;
	case SG_OP_JOIN:
		end(event->object);
		break;
	default:
		break;
	}
}

static void *run(void *data)
{
	struct task *task = data;

	for (;;) {
		sem_wait(&task->go);
		if (!task->next)
			return NULL;
		do_event(task->next);
		sem_post(&task->done);
	}
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	load(argv[1]);
	prepare();
	for (size_t i = 0; i < nevents; i++) {
		struct task *task = &tasks[events[i].task];

		begin(events[i].task);
		task->next = &events[i];
		sem_post(&task->go);
		sem_wait(&task->done);
	}
	for (size_t i = 0; i < ntasks; i++)
		end(i);
	return 0;
}
