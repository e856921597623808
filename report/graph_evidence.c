// SPDX-License-Identifier: GPL-2.0-only
/*
 * graph_evidence.c - the lock graph of a hang
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "evidence_internal.h"
#include "graph.h"

enum { TEXT_MAX = 640, NAMED = 4 };

/** struct hang - what the graph is made of; @drawn: tasks that stand in it, by their index */
struct hang {
	struct graph graph;
	const struct sg_analysis *analysis;
	const char *id;
	bool *drawn;
};

/* The place of a task on the path, or SIZE_MAX. */
static size_t place(const struct sg_analysis *analysis, size_t task)
{
	for (size_t i = 0; i < analysis->npath; i++)
		if (analysis->path[i] == task)
			return i;
	return SIZE_MAX;
}

static size_t add_task(struct hang *hang, size_t index)
{
	const struct sg_task *task = &hang->analysis->tasks[index];
	bool on_path = place(hang->analysis, index) != SIZE_MAX;
	char name[TEXT_MAX], target[TEXT_MAX];

	if (task->pid)
		snprintf(name, sizeof(name), "%s\n%s, pid %d", task->who, task->comm, task->pid);
	else
		snprintf(name, sizeof(name), "%s", task->who);
	snprintf(target, sizeof(target), "#%s-task-%zu", hang->id, index);
	hang->drawn[index] = true;
	return graph_node(&hang->graph, name, on_path ? "task cycle" : "task", target);
}

static size_t add_resource(struct hang *hang, const struct sg_resource *resource)
{
	char name[TEXT_MAX], open[TEXT_MAX + 8];

	sg_resource_name(name, sizeof(name), resource);
	snprintf(open, sizeof(open), "%s%s", name, resource->kind == SG_RES_OWNER ? ", open" : "");
	return graph_node(&hang->graph, *name ? open : "a place that no rule knows", "lock cycle", NULL);
}

/* A thread that is waited for has nothing between it and whoever waits. */
static bool has_node(const struct sg_resource *resource)
{
	return resource->kind != SG_RES_THREAD;
}

/* From a task of the path to the next one, or to the end of the chain. */
static void add_step(struct hang *hang, size_t at)
{
	const struct sg_analysis *analysis = hang->analysis;
	const struct sg_task *task = &analysis->tasks[analysis->path[at]];
	size_t from = add_task(hang, analysis->path[at]), to = from;

	if (has_node(&task->waits)) {
		to = add_resource(hang, &task->waits);
		graph_edge(&hang->graph, from, to, "waits cycle", "waits for");
	}
	if (at + 1 < analysis->npath || analysis->cycle)
		graph_edge(&hang->graph, to, add_task(hang, analysis->path[(at + 1) % analysis->npath]),
			   "holds cycle", to == from ? "waits for" : sg_link_text(&task->waits));
	else if (*analysis->end)
		graph_edge(&hang->graph, to, graph_node(&hang->graph, analysis->end, "end", NULL), "holds cycle",
			   sg_link_text(&task->waits));
}

static bool is_same(const struct sg_resource *one, const struct sg_resource *other)
{
	char name[TEXT_MAX], other_name[TEXT_MAX];

	sg_resource_name(name, sizeof(name), one);
	sg_resource_name(other_name, sizeof(other_name), other);
	return one->kind == other->kind && !strcmp(name, other_name);
}

/* Those off the path who wait for the same, as one node: a few names, and how many more. */
static void add_behind(struct hang *hang, size_t at)
{
	const struct sg_analysis *analysis = hang->analysis;
	const struct sg_resource *wanted = &analysis->tasks[analysis->path[at]].waits;
	size_t count = 0, last = 0, length = 0;
	char name[TEXT_MAX] = "";

	for (size_t i = 0; i < analysis->ntasks; i++) {
		if (hang->drawn[i] || !has_node(wanted) || !is_same(wanted, &analysis->tasks[i].waits))
			continue;
		if (count++ < NAMED && length < sizeof(name))
			length += snprintf(name + length, sizeof(name) - length, "%s%s", length ? "\n" : "",
					   analysis->tasks[i].who);
		hang->drawn[i] = true;
		last = i;
	}
	if (!count)
		return;
	if (count > NAMED && length < sizeof(name))
		snprintf(name + length, sizeof(name) - length, "\nand %zu more", count - NAMED);
	graph_edge(&hang->graph, count == 1 ? add_task(hang, last) :
					      graph_node(&hang->graph, name, "task", NULL),
		   add_resource(hang, wanted), "waits", "waits for");
}

static size_t count_left_out(const struct hang *hang)
{
	size_t count = 0;

	for (size_t i = 0; i < hang->analysis->ntasks; i++)
		count += !hang->drawn[i];
	return count;
}

static void print(struct html *html, struct report *report, struct hang *hang)
{
	const struct sg_analysis *analysis = hang->analysis;
	size_t left_out;

	for (size_t i = 0; i < analysis->npath; i++)	/* they stand in this order */
		add_task(hang, analysis->path[i]);
	for (size_t i = 0; i < analysis->npath; i++)
		add_step(hang, i);
	for (size_t i = 0; i < analysis->npath; i++)
		add_behind(hang, i);
	graph_print(html, report, &hang->graph, hang->id);
	left_out = count_left_out(hang);
	if (hang->graph.nedges && left_out)
		html_element(html, "p", "remark", "%zu more task%s behind these, or for something else: see the "
			     "table below.", left_out, left_out == 1 ? " waits" : "s wait");
}

void graph_of_hang(struct html *html, struct report *report, const struct sg_analysis *analysis,
		   const char *id)
{
	struct hang hang = { .analysis = analysis, .id = id };

	hang.drawn = calloc(analysis->ntasks + 1, sizeof(*hang.drawn));
	if (hang.drawn)
		print(html, report, &hang);
	free(hang.drawn);
	graph_deinit(&hang.graph);
}
