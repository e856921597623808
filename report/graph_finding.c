// SPDX-License-Identifier: GPL-2.0-only
/*
 * graph_finding.c - the lock graph of a predicted deadlock
 */
#include <string.h>

#include "graph.h"
#include "json.h"

enum { TEXT_MAX = 512 };

static bool is_same(struct json_object *one, struct json_object *other)
{
	return !strcmp(json_text(one, "object"), json_text(other, "object")) &&
	       !strcmp(json_text(one, "kind"), json_text(other, "kind"));
}

static bool is_wanted(struct json_object *tasks, struct json_object *held)
{
	for (size_t i = 0; i < json_count(tasks); i++)
		if (is_same(json_object_of(json_at(tasks, i), "waits"), held))
			return true;
	return false;
}

static size_t add_object(struct graph *graph, struct json_object *object)
{
	const char *name = json_text(object, "what");

	return graph_node(graph, *name ? name : json_text(object, "object"), "lock cycle", NULL);
}

static size_t add_task(struct graph *graph, struct json_object *task)
{
	return graph_node(graph, json_text(task, "task"), "task cycle", NULL);
}

/* What nobody waits for is in the table.  A wait for another task's end or beginning has no object. */
static void add_party(struct graph *graph, struct json_object *tasks, size_t index)
{
	struct json_object *task = json_at(tasks, index), *holds = json_list(task, "holds");
	struct json_object *waits = json_object_of(task, "waits"), *by = json_list(waits, "up_to");
	size_t from = add_task(graph, task), to = from;

	for (size_t i = 0; i < json_count(holds); i++)
		if (is_wanted(tasks, json_at(holds, i)))
			graph_edge(graph, add_object(graph, json_at(holds, i)), from, "holds cycle", "held by");
	if (*json_text(waits, "object")) {
		to = add_object(graph, waits);
		graph_edge(graph, from, to, "waits cycle", "waits for");
	}
	for (size_t i = 0; i < json_count(by); i++) {
		struct json_object *other = json_at(tasks, json_object_get_int64(json_at(by, i)));

		if (other)
			graph_edge(graph, to, add_task(graph, other), "holds cycle",
				   to == from ? "waits for" : "held by");
	}
}

void graph_of_finding(struct html *html, struct report *report, struct json_object *finding,
		      const char *id)
{
	struct json_object *tasks = json_list(finding, "tasks");
	struct graph graph = { .err = 0 };

	for (size_t i = 0; i < json_count(tasks); i++)
		add_party(&graph, tasks, i);
	graph_print(html, report, &graph, id);
	graph_deinit(&graph);
}
