// SPDX-License-Identifier: GPL-2.0-only
/*
 * predict_pattern.c - sets of nodes that wait for each other
 *
 * A set grows from one node: whoever of it waits for nobody in it gets one
 * that it can wait for.  Nodes come from different tasks, and may hold what
 * they hold at the same time.  To meet each set once, only nodes behind the
 * first are added.  Small sets are looked at first, in case there are too many.
 */
#include <errno.h>

#include "predict_internal.h"

enum { STEPS_DEFAULT = 20 * 1000 * 1000, ASK_EVERY = 256 };

struct growing {
	struct sg_predict *predict;
	const struct nodes *nodes;
	int (*found)(void *data, const uint32_t *nodes, size_t count);
	void *data;
	uint32_t members[PARTIES_MAX];
	size_t count, size;	/* now; in this round */
	bool cut;		/* larger sets may exist */
	size_t steps, limit;
};

static const struct node *member(const struct growing *set, size_t index)
{
	return &set->nodes->items[set->members[index]];
}

static bool comes_by(const struct growing *set, const struct node *node, uint32_t pos)
{
	return set->nodes->places[node->first] <= pos;
}

static bool hands_back(const struct growing *set, const struct node *node, uint32_t id, bool shared)
{
	const struct sg_predict *predict = set->predict;
	const struct object *object = &predict->objects[id];

	for (uint32_t i = 0; i < object->nhandovers; i++) {
		const struct handover *handover = &predict->handovers[object->handovers[i]];

		if (handover->to == node->task && comes_by(set, node, handover->until) &&
		    !(shared && handover->shared))
			return true;
	}
	return false;
}

/* Does @waiting have to wait for a lock that @other holds, or queues for? */
static bool in_the_way(const struct growing *set, const struct node *waiting,
		       const struct node *other)
{
	bool shared = waiting->op == SG_OP_ACQUIRE_SHARED;
	const struct held_entry *entry;

	if (waiting == other)
		return false;
	entry = held_find(&set->predict->held, other->held, waiting->object);
	if (entry && (!shared || entry->exclusive))
		return true;
	return shared && other->op == SG_OP_ACQUIRE && other->object == waiting->object;
}

/* The task that a JOIN or START waits for, and the position it has to come to. */
static const struct need *awaited(const struct growing *set, const struct node *node)
{
	return need_at(&set->predict->tasks[node->task], set->nodes->places[node->first]);
}

static bool waits_for_task(const struct node *node)
{
	return node->op == SG_OP_JOIN || node->op == OP_START;
}

static bool keeps_waiting(const struct growing *set, const struct need *need,
			  const struct node *other)
{
	return other->task == need->task && comes_by(set, other, need->pos - 1);
}

static bool is_supported(const struct growing *set, const struct node *node)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct node *other = member(set, i);

		if (waits_for_task(node) ? keeps_waiting(set, awaited(set, node), other) :
		    in_the_way(set, node, other))
			return true;
	}
	return false;
}

/* The same for what another task may have acquired by then, or not. */
static bool may_be_supported(const struct growing *set, const struct node *node)
{
	bool shared = node->op == SG_OP_ACQUIRE_SHARED;

	for (size_t i = 0; i < set->count && !waits_for_task(node); i++)
		if (hands_back(set, member(set, i), node->object, shared))
			return true;
	return false;
}

/* A task that can complete what @node awaits and is not in the set; UINT32_MAX if all are. */
static uint32_t missing_signal(const struct growing *set, const struct node *node)
{
	const struct object *object = &set->predict->objects[node->object];

	for (uint32_t i = 0; i < object->nsignals; i++) {
		size_t other = 0;

		while (other < set->count && member(set, other)->task != object->signals[i].task)
			other++;
		if (other == set->count)
			return object->signals[i].task;
	}
	return UINT32_MAX;
}

static int extend(struct growing *set, size_t done);

/* Go on with @id in the set, if it fits; the first @done members wait for somebody in it. */
static int extend_with(struct growing *set, size_t done, uint32_t id)
{
	const struct node *node = &set->nodes->items[id];
	int err;

	if (id <= set->members[0] || node->component != member(set, 0)->component)
		return 0;
	for (size_t i = 0; i < set->count; i++)
		if (member(set, i)->task == node->task ||
		    held_conflict(&set->predict->held, member(set, i)->held, node->held))
			return 0;
	if (set->count == set->size) {
		set->cut = true;
		return 0;
	}
	set->members[set->count++] = id;
	err = extend(set, done);
	set->count--;
	return err;
}

static int extend_from(struct growing *set, size_t done, const struct list *list, uint32_t key)
{
	int err = 0;

	for (size_t i = list->start[key]; i < list->start[key + 1] && !err; i++)
		err = extend_with(set, done, list->items[i]);
	return err;
}

static int extend_task(struct growing *set, size_t done, const struct need *need)
{
	const struct list *list = &set->nodes->of_task;
	int err = 0;

	for (size_t i = list->start[need->task]; i < list->start[need->task + 1] && !err; i++)
		if (keeps_waiting(set, need, &set->nodes->items[list->items[i]]))
			err = extend_with(set, done, list->items[i]);
	return err;
}

static int extend_lock(struct growing *set, size_t done, const struct node *node)
{
	const struct object *object = &set->predict->objects[node->object];
	const struct list *holding = &set->nodes->holding;
	bool shared = node->op == SG_OP_ACQUIRE_SHARED;
	int err = 0;

	for (size_t i = holding->start[node->object];
	     i < holding->start[node->object + 1] && !err; i++)
		if (in_the_way(set, node, &set->nodes->items[holding->items[i]]))
			err = extend_with(set, done, holding->items[i]);
	if (shared && !err)
		err = extend_from(set, done, &set->nodes->writing, node->object);
	for (uint32_t i = 0; i < object->nhandovers && !err; i++)
		err = extend_from(set, done, &set->nodes->of_task,
				  set->predict->handovers[object->handovers[i]].to);
	return err;
}

/* Give the member @done, and those behind it, somebody to wait for. */
static int extend(struct growing *set, size_t done)
{
	const struct sg_predict_options *options = &set->predict->options;

	if (set->steps++ >= set->limit)
		return -E2BIG;
	if (set->steps % ASK_EVERY == 0 && options->go_on &&
	    !options->go_on(options->data, set->predict->stats.patterns))
		return -EINTR;
	for (; done < set->count; done++) {
		const struct node *node = member(set, done);
		int err = 0;

		if (node->op == SG_OP_AWAIT) {
			uint32_t task = missing_signal(set, node);

			if (task != UINT32_MAX)
				return extend_from(set, done, &set->nodes->of_task, task);
			continue;
		}
		if (is_supported(set, node))
			continue;
		if (waits_for_task(node))
			return extend_task(set, done + 1, awaited(set, node));
		if (may_be_supported(set, node))
			err = extend(set, done + 1);
		return err ? err : extend_lock(set, done + 1, node);
	}
	return set->count == set->size ? set->found(set->data, set->members, set->count) : 0;
}

static int round_of_size(struct growing *set, size_t size)
{
	int err = 0;

	set->size = size;
	set->cut = false;
	for (uint32_t i = 0; i < set->nodes->count && !err; i++) {
		set->members[0] = i;
		set->count = 1;
		err = extend(set, 0);
	}
	return err;
}

int patterns_each(struct sg_predict *predict, const struct nodes *nodes,
		  int (*found)(void *data, const uint32_t *nodes, size_t count), void *data)
{
	const struct sg_predict_options *options = &predict->options;
	size_t most = options->parties ? options->parties : PARTIES_MAX;
	struct growing set = {
		.predict = predict, .nodes = nodes, .found = found, .data = data, .cut = true,
		.limit = options->patterns ? options->patterns : STEPS_DEFAULT,
	};
	int err = 0;

	for (size_t size = 1; size <= most && set.cut && !err; size++) {
		err = round_of_size(&set, size);
		if (!err)
			predict->stats.complete_to = size;
	}
	predict->stats.capped = err == -E2BIG || set.cut;
	return err == -E2BIG ? 0 : err;
}
