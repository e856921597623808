// SPDX-License-Identifier: GPL-2.0-only
/*
 * record_thread.c - what a thread of the kernel holds
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "record_thread.h"

void sg_thread_free(uint64_t value)
{
	struct thread *thread = (struct thread *)(uintptr_t)value;

	free(thread->holds);
	free(thread);
}

int sg_thread_push(struct thread *thread, struct hold hold)
{
	if (thread->nholds == thread->room) {
		size_t room = thread->room ? thread->room * 2 : 8;
		struct hold *holds = reallocarray(thread->holds, room, sizeof(*holds));

		if (!holds)
			return -ENOMEM;
		thread->holds = holds;
		thread->room = room;
	}
	thread->holds[thread->nholds++] = hold;
	return 0;
}

bool sg_thread_pull(struct thread *thread, uint32_t object)
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

bool sg_thread_holds(const struct thread *thread, uint32_t object)
{
	for (size_t i = 0; i < thread->nholds; i++)
		if (thread->holds[i].object == object)
			return true;
	return false;
}

void sg_thread_forget_lent(struct thread *thread)
{
	size_t kept = 0;

	for (size_t i = 0; i < thread->nholds; i++)
		if (!thread->holds[i].lent)
			thread->holds[kept++] = thread->holds[i];
	thread->nholds = kept;
}

struct hold *sg_thread_find(const struct thread *thread, uint64_t address)
{
	for (size_t i = thread->nholds; i-- > 0;)
		if (thread->holds[i].address == address)
			return &thread->holds[i];
	return NULL;
}

const struct hold *sg_thread_find_place(const struct thread *thread, unsigned int place)
{
	for (size_t i = thread->nholds; i-- > 0;)
		if (thread->holds[i].place == place)
			return &thread->holds[i];
	return NULL;
}
