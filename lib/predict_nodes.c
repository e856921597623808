// SPDX-License-Identifier: GPL-2.0-only
/*
 * predict_nodes.c - waits that can be part of a deadlock
 *
 * Waits of one task for one object under the same objects are one node.  A
 * node counts only if it lies on a cycle of "is needed by" and "waits for"
 * among objects, queues of objects and tasks; most traces have few of them.
 */
#include <errno.h>
#include <string.h>

#include "predict_internal.h"
#include "slotgate/cleanup.h"

struct wait {
	uint32_t task, object, held, pos;
	uint8_t op;
};

static int by_node(const void *a, const void *b)
{
	const struct wait *x = a, *y = b;

	if (x->task != y->task)
		return x->task < y->task ? -1 : 1;
	if (x->op != y->op)
		return x->op < y->op ? -1 : 1;
	if (x->object != y->object)
		return x->object < y->object ? -1 : 1;
	if (x->held != y->held)
		return x->held < y->held ? -1 : 1;
	return x->pos < y->pos ? -1 : x->pos > y->pos;
}

static bool same_node(const struct wait *a, const struct wait *b)
{
	return a->task == b->task && a->op == b->op && a->object == b->object && a->held == b->held;
}

static size_t collect(const struct sg_predict *predict, struct wait *waits)
{
	size_t count = 0;

	for (uint32_t id = 0; id < predict->ntasks; id++)
		for (uint32_t pos = 0; pos < predict->tasks[id].count; pos++) {
			const struct event *event = &predict->tasks[id].events[pos];

			if (!is_wait(event->op))
				continue;
			if (waits)
				waits[count] = (struct wait){ id, event->object, event->held, pos,
							      event->op };
			count++;
		}
	return count;
}

static int group(struct nodes *nodes, const struct wait *waits, size_t count)
{
	if (count > UINT32_MAX)
		return -EOVERFLOW;
	nodes->items = calloc(count + 1, sizeof(*nodes->items));
	nodes->places = calloc(count + 1, sizeof(*nodes->places));
	if (!nodes->items || !nodes->places)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		nodes->places[i] = waits[i].pos;
		if (!i || !same_node(&waits[i - 1], &waits[i]))
			nodes->items[nodes->count++] = (struct node){
				.task = waits[i].task, .object = waits[i].object,
				.held = waits[i].held, .op = waits[i].op, .first = i,
			};
		nodes->items[nodes->count - 1].count++;
	}
	return 0;
}

/* --- the graph: objects, their queues, tasks, nodes --- */

struct graph {
	uint32_t count;
	size_t *start;
	uint32_t *to;
	size_t nto;
};

static uint32_t queue_vertex(const struct sg_predict *predict, uint32_t object)
{
	return predict->nobjects + object;
}

static uint32_t task_vertex(const struct sg_predict *predict, uint32_t task)
{
	return 2 * predict->nobjects + task;
}

static uint32_t node_vertex(const struct sg_predict *predict, uint32_t node)
{
	return 2 * predict->nobjects + predict->ntasks + node;
}

/* Called twice: to count edges, and to fill them in. */
static void edge(struct graph *graph, uint32_t from, uint32_t to, bool fill)
{
	if (fill)
		graph->to[graph->start[from + 1]++] = to;
	else
		graph->start[from + 2]++;
}

static void object_edges(const struct sg_predict *predict, struct graph *graph, bool fill)
{
	for (uint32_t id = 0; id < predict->nobjects; id++) {
		const struct object *object = &predict->objects[id];

		for (uint32_t i = 0; i < object->nsignals; i++)
			edge(graph, id, task_vertex(predict, object->signals[i].task), fill);
		for (uint32_t i = 0; i < object->nhandovers; i++)
			edge(graph, id, task_vertex(predict,
				predict->handovers[object->handovers[i]].to), fill);
	}
}

static void node_edges(const struct sg_predict *predict, const struct node *node, uint32_t vertex,
		       struct graph *graph, bool fill)
{
	bool on_task = node->op == SG_OP_JOIN || node->op == OP_START;
	size_t count;
	const struct held_entry *held = held_entries(&predict->held, node->held, &count);

	for (size_t i = 0; i < count; i++)
		edge(graph, held[i].object, vertex, fill);
	edge(graph, task_vertex(predict, node->task), vertex, fill);
	if (node->op == SG_OP_ACQUIRE)
		edge(graph, queue_vertex(predict, node->object), vertex, fill);
	edge(graph, vertex, on_task ? task_vertex(predict, node->object) : node->object, fill);
	if (node->op == SG_OP_ACQUIRE_SHARED)
		edge(graph, vertex, queue_vertex(predict, node->object), fill);
}

static void all_edges(const struct sg_predict *predict, const struct nodes *nodes,
		      struct graph *graph, bool fill)
{
	object_edges(predict, graph, fill);
	for (uint32_t i = 0; i < nodes->count; i++)
		node_edges(predict, &nodes->items[i], node_vertex(predict, i), graph, fill);
}

static int build_graph(const struct sg_predict *predict, const struct nodes *nodes,
		       struct graph *graph)
{
	uint64_t count = 2ULL * predict->nobjects + predict->ntasks + nodes->count;

	if (count > UINT32_MAX - 2)
		return -EOVERFLOW;
	graph->count = count;
	graph->start = calloc(count + 2, sizeof(*graph->start));
	if (!graph->start)
		return -ENOMEM;
	all_edges(predict, nodes, graph, false);
	for (uint32_t i = 2; i < count + 2; i++)
		graph->start[i] += graph->start[i - 1];
	graph->to = calloc(graph->start[count + 1] + 1, sizeof(*graph->to));
	if (!graph->to)
		return -ENOMEM;
	all_edges(predict, nodes, graph, true);
	return 0;
}

static void graph_deinit(struct graph *graph)
{
	free(graph->start);
	free(graph->to);
}

/* --- strongly connected components (Tarjan), without recursion --- */

struct components {
	uint32_t *order, *low, *component, *size;	/* by vertex; size by component */
	size_t *next;
	uint32_t *stack, depth;		/* vertices without component yet */
	uint32_t *trail, steps;		/* vertices that are being visited */
	uint32_t visited, count;
};

static void components_deinit(struct components *parts)
{
	free(parts->order);
	free(parts->low);
	free(parts->component);
	free(parts->size);
	free(parts->next);
	free(parts->stack);
	free(parts->trail);
}

static int components_init(struct components *parts, uint32_t count)
{
	size_t n = (size_t)count + 1;

	*parts = (struct components){
		.order = calloc(n, sizeof(uint32_t)), .low = calloc(n, sizeof(uint32_t)),
		.component = calloc(n, sizeof(uint32_t)), .size = calloc(n, sizeof(uint32_t)),
		.next = calloc(n, sizeof(size_t)), .stack = calloc(n, sizeof(uint32_t)),
		.trail = calloc(n, sizeof(uint32_t)), .count = 1,
	};
	return parts->order && parts->low && parts->component && parts->size && parts->next &&
	       parts->stack && parts->trail ? 0 : -ENOMEM;
}

static void enter(const struct graph *graph, struct components *parts, uint32_t vertex)
{
	parts->order[vertex] = parts->low[vertex] = ++parts->visited;
	parts->next[vertex] = graph->start[vertex];
	parts->stack[parts->depth++] = vertex;
	parts->trail[parts->steps++] = vertex;
}

static void lower_to(uint32_t *value, uint32_t other)
{
	if (*value > other)
		*value = other;
}

static void leave(struct components *parts, uint32_t vertex)
{
	uint32_t member;

	if (--parts->steps)
		lower_to(&parts->low[parts->trail[parts->steps - 1]], parts->low[vertex]);
	if (parts->low[vertex] != parts->order[vertex])
		return;
	do {
		member = parts->stack[--parts->depth];
		parts->component[member] = parts->count;
		parts->size[parts->count]++;
	} while (member != vertex);
	parts->count++;
}

static void visit(const struct graph *graph, struct components *parts, uint32_t root)
{
	if (parts->order[root])
		return;
	enter(graph, parts, root);
	while (parts->steps) {
		uint32_t vertex = parts->trail[parts->steps - 1], to;

		if (parts->next[vertex] == graph->start[vertex + 1]) {
			leave(parts, vertex);
			continue;
		}
		to = graph->to[parts->next[vertex]++];
		if (!parts->order[to])
			enter(graph, parts, to);
		else if (!parts->component[to])
			lower_to(&parts->low[vertex], parts->order[to]);
	}
}

/* Nodes that lie on no cycle are gone. */
static int keep_cyclic(const struct sg_predict *predict, struct nodes *nodes)
{
	sg_cleanup(graph_deinit) struct graph graph = {0};
	sg_cleanup(components_deinit) struct components parts = {0};
	uint32_t kept = 0;
	int err = build_graph(predict, nodes, &graph);

	if (!err)
		err = components_init(&parts, graph.count);
	if (err)
		return err;
	for (uint32_t i = 0; i < nodes->count; i++)
		visit(&graph, &parts, node_vertex(predict, i));
	for (uint32_t i = 0; i < nodes->count; i++) {
		uint32_t component = parts.component[node_vertex(predict, i)];

		if (parts.size[component] < 2)
			continue;
		nodes->items[kept] = nodes->items[i];
		nodes->items[kept++].component = component;
	}
	nodes->count = kept;
	return 0;
}

/* --- lists --- */

static void list_edge(struct list *list, uint32_t key, uint32_t node, bool fill)
{
	if (fill)
		list->items[list->start[key + 1]++] = node;
	else
		list->start[key + 2]++;
}

static void list_holding(const struct sg_predict *predict, const struct nodes *nodes,
			 struct list *list, bool fill)
{
	for (uint32_t i = 0; i < nodes->count; i++) {
		size_t count;
		const struct held_entry *held =
			held_entries(&predict->held, nodes->items[i].held, &count);

		for (size_t j = 0; j < count; j++)
			list_edge(list, held[j].object, i, fill);
	}
}

static void list_writing(const struct sg_predict *predict, const struct nodes *nodes,
			 struct list *list, bool fill)
{
	(void)predict;
	for (uint32_t i = 0; i < nodes->count; i++)
		if (nodes->items[i].op == SG_OP_ACQUIRE)
			list_edge(list, nodes->items[i].object, i, fill);
}

static void list_of_task(const struct sg_predict *predict, const struct nodes *nodes,
			 struct list *list, bool fill)
{
	(void)predict;
	for (uint32_t i = 0; i < nodes->count; i++)
		list_edge(list, nodes->items[i].task, i, fill);
}

static int build_list(const struct sg_predict *predict, const struct nodes *nodes, uint32_t keys,
		      void (*each)(const struct sg_predict *predict, const struct nodes *nodes,
				   struct list *list, bool fill), struct list *list)
{
	list->start = calloc((size_t)keys + 2, sizeof(*list->start));
	if (!list->start)
		return -ENOMEM;
	each(predict, nodes, list, false);
	for (uint32_t i = 2; i < keys + 2; i++)
		list->start[i] += list->start[i - 1];
	list->items = calloc(list->start[keys + 1] + 1, sizeof(*list->items));
	if (!list->items)
		return -ENOMEM;
	each(predict, nodes, list, true);
	return 0;
}

int nodes_build(struct sg_predict *predict, struct nodes *ret)
{
	size_t count = collect(predict, NULL);
	sg_autofree struct wait *waits = calloc(count + 1, sizeof(*waits));
	int err;

	if (!waits)
		return -ENOMEM;
	collect(predict, waits);
	qsort(waits, count, sizeof(*waits), by_node);
	err = group(ret, waits, count);
	predict->stats.contexts = ret->count;
	if (!err)
		err = keep_cyclic(predict, ret);
	if (!err)
		err = nodes_prune(predict, ret);
	if (!err)
		err = build_list(predict, ret, predict->nobjects, list_holding, &ret->holding);
	if (!err)
		err = build_list(predict, ret, predict->nobjects, list_writing, &ret->writing);
	if (!err)
		err = build_list(predict, ret, predict->ntasks, list_of_task, &ret->of_task);
	return err;
}

void nodes_deinit(struct nodes *nodes)
{
	free(nodes->items);
	free(nodes->places);
	free(nodes->holding.start);
	free(nodes->holding.items);
	free(nodes->writing.start);
	free(nodes->writing.items);
	free(nodes->of_task.start);
	free(nodes->of_task.items);
}
