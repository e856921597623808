// SPDX-License-Identifier: GPL-2.0-only
/*
 * record_frames.c - stacks that the kernel tells but once, by their keys (bpf/stacks.h)
 *
 * When there are too many it is asked to tell all of them anew.  What it told before
 * is kept until the next time, for events that are on their way.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "record_internal.h"

enum { KEYS_MAX = 1 << 16 };

struct frames {
	unsigned int count;
	uint64_t list[];
};

struct sg_frames {
	struct sg_map *now, *before;	/* by key */
};

static void free_frames(uint64_t value)
{
	free((void *)(uintptr_t)value);
}

static void forget(struct sg_map *map)
{
	sg_map_each(map, free_frames);
	sg_map_clear(map);
}

int sg_frames_create(struct sg_frames **ret)
{
	struct sg_frames *frames = calloc(1, sizeof(*frames));

	if (!frames)
		return -ENOMEM;
	frames->now = sg_map_create();
	frames->before = sg_map_create();
	if (!frames->now || !frames->before) {
		sg_frames_destroy(frames);
		return -ENOMEM;
	}
	*ret = frames;
	return 0;
}

void sg_frames_destroy(struct sg_frames *frames)
{
	if (!frames)
		return;
	if (frames->now)
		forget(frames->now);
	if (frames->before)
		forget(frames->before);
	sg_map_destroy(frames->now);
	sg_map_destroy(frames->before);
	free(frames);
}

static int keep(struct sg_frames *frames, const struct rec_event *event)
{
	size_t size = event->nframes * sizeof(*event->frames);
	const uint64_t *old = sg_map_find(frames->now, event->stack);
	struct frames *stack = malloc(sizeof(*stack) + size);

	if (!stack)
		return -ENOMEM;
	stack->count = event->nframes;
	memcpy(stack->list, event->frames, size);
	if (old)
		free_frames(*old);
	if (!sg_map_put(frames->now, event->stack, (uintptr_t)stack))
		return 0;
	free(stack);
	return -ENOMEM;
}

static void restore(const struct sg_frames *frames, struct rec_event *event)
{
	const uint64_t *value = sg_map_find(frames->now, event->stack);
	const struct frames *stack;

	if (!value)
		value = sg_map_find(frames->before, event->stack);
	if (!value)
		return;
	stack = (const struct frames *)(uintptr_t)*value;
	event->nframes = stack->count;
	memcpy(event->frames, stack->list, stack->count * sizeof(*stack->list));
}

int sg_frames_fill(struct sg_frames *frames, struct rec_event *event)
{
	if (!event->stack)
		return 0;
	if (event->nframes)
		return event->nframes <= REC_FRAMES ? keep(frames, event) : -EINVAL;
	restore(frames, event);
	return 0;
}

bool sg_frames_full(struct sg_frames *frames)
{
	struct sg_map *before = frames->before;

	if (sg_map_count(frames->now) < KEYS_MAX)
		return false;
	forget(before);
	frames->before = frames->now;
	frames->now = before;
	return true;
}
