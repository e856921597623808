// SPDX-License-Identifier: GPL-2.0-only
/*
 * predict_prune.c - drop waits for tasks that cannot be stuck
 *
 * A task that was forked can wait for its begin only while the forking task is
 * stuck before the fork; a join only for a task that is stuck itself.  What
 * that depends on was recorded earlier, so that one pass in recorded order
 * does.  Without it, whoever forks and joins many tasks makes patterns of all
 * pairs of them.
 */
#include <errno.h>

#include "predict_internal.h"
#include "slotgate/cleanup.h"

struct place {
	uint64_t record;
	uint32_t node;
};

static int by_record(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return x->record < y->record ? -1 : x->record > y->record;
}

/* Can some task be stuck so that @node waits?  @first: by task, earliest stuck place, or UINT32_MAX. */
static bool can_wait(const struct sg_predict *predict, const struct nodes *nodes,
		     const struct node *node, const uint32_t *first)
{
	const struct need *need;

	if (node->op != SG_OP_JOIN && node->op != OP_START)
		return true;
	/* The last place of a join asks for the same task as the first one. */
	need = need_at(&predict->tasks[node->task], nodes->places[node->first]);
	return first[need->task] < need->pos;
}

static void sweep(const struct sg_predict *predict, struct nodes *nodes,
		  const struct place *places, uint32_t *first)
{
	for (uint32_t i = 0; i < nodes->count; i++) {
		struct node *node = &nodes->items[places[i].node];

		if (!can_wait(predict, nodes, node, first))
			node->count = 0;
		else if (nodes->places[node->first] < first[node->task])
			first[node->task] = nodes->places[node->first];
	}
}

int nodes_prune(const struct sg_predict *predict, struct nodes *nodes)
{
	sg_autofree struct place *places = calloc((size_t)nodes->count + 1, sizeof(*places));
	sg_autofree uint32_t *first = calloc((size_t)predict->ntasks + 1, sizeof(*first));
	uint32_t kept = 0;

	if (!places || !first)
		return -ENOMEM;
	for (uint32_t i = 0; i < predict->ntasks; i++)
		first[i] = UINT32_MAX;
	for (uint32_t i = 0; i < nodes->count; i++) {
		const struct node *node = &nodes->items[i];

		places[i].node = i;
		places[i].record =
			predict->tasks[node->task].events[nodes->places[node->first]].record;
	}
	qsort(places, nodes->count, sizeof(*places), by_record);
	sweep(predict, nodes, places, first);
	for (uint32_t i = 0; i < nodes->count; i++)
		if (nodes->items[i].count)
			nodes->items[kept++] = nodes->items[i];
	nodes->count = kept;
	return 0;
}
