// SPDX-License-Identifier: GPL-2.0-only
/*
 * predict_edges.c - the graph of what is waited for while something is held
 */
#include <errno.h>

#include "predict_internal.h"
#include "slotgate/cleanup.h"

struct list_of_edges {
	struct sg_edge *items;
	uint32_t count, room;
};

static int by_objects(const void *a, const void *b)
{
	const struct sg_edge *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	if (x->to != y->to)
		return x->to < y->to ? -1 : 1;
	/* One that is part of a prediction comes first, and stays. */
	if (x->finding != y->finding)
		return x->finding < y->finding ? -1 : 1;
	return x->task < y->task ? -1 : x->task > y->task;
}

static void unite(struct list_of_edges *list)
{
	uint32_t kept = 0;

	if (list->count)
		qsort(list->items, list->count, sizeof(*list->items), by_objects);
	for (uint32_t i = 0; i < list->count; i++)
		if (!kept || list->items[i].from != list->items[kept - 1].from ||
		    list->items[i].to != list->items[kept - 1].to)
			list->items[kept++] = list->items[i];
	list->count = kept;
}

/* Now and then equal ones are united, so that memory follows the graph. */
static int add(struct list_of_edges *list, uint32_t from, uint32_t to, uint32_t task,
	       size_t finding)
{
	if (list->count == list->room && list->room >= 4096)
		unite(list);
	if (!grow(list->items, list->count, list->room))
		return -ENOMEM;
	list->items[list->count++] = (struct sg_edge){ from, to, task, finding };
	return 0;
}

static int add_held(const struct sg_predict *predict, struct list_of_edges *list, uint32_t task,
		    const struct event *event)
{
	size_t count;
	const struct held_entry *held = held_entries(&predict->held, event->held, &count);
	int err = 0;

	for (size_t i = 0; i < count && !err; i++)
		err = add(list, held[i].object, event->object, task, SIZE_MAX);
	return err;
}

static int add_task(const struct sg_predict *predict, struct list_of_edges *list, uint32_t id)
{
	const struct task *task = &predict->tasks[id];
	int err = 0;

	for (uint32_t at = 0; at < task->count && !err; at++)
		if (is_wait(task->events[at].op) && task->events[at].op != OP_START &&
		    !sg_trace_op_on_task(task->events[at].op))
			err = add_held(predict, list, id, &task->events[at]);
	return err;
}

static int add_finding(const struct sg_predict *predict, struct list_of_edges *list, size_t index)
{
	const struct sg_finding *finding = &predict->findings[index];
	int err = 0;

	for (size_t i = 0; i < finding->nparties && finding->verdict == SG_PREDICTED; i++) {
		const struct sg_party *party = &finding->parties[i];

		for (size_t j = 0; j < party->nholds && !err; j++)
			if (!sg_trace_op_on_task(party->op))
				err = add(list, party->holds[j].object, party->object, party->task,
					  index);
	}
	return err;
}

int sg_predict_edges(const struct sg_predict *predict, struct sg_edge **ret, size_t *count)
{
	struct list_of_edges list = {0};
	int err = 0;

	for (uint32_t i = 0; i < predict->ntasks && !err; i++)
		err = add_task(predict, &list, i);
	for (uint32_t i = 0; i < predict->nfindings && !err; i++)
		err = add_finding(predict, &list, i);
	unite(&list);
	if (err) {
		free(list.items);
		return err;
	}
	*ret = list.items;
	*count = list.count;
	return 0;
}
