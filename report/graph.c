// SPDX-License-Identifier: GPL-2.0-only
/*
 * graph.c - nodes and edges
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "graph.h"

size_t graph_node(struct graph *graph, const char *name, const char *class, const char *target)
{
	struct graph_node *nodes;
	size_t i = 0;

	while (i < graph->nnodes && strcmp(graph->nodes[i].name, name))
		i++;
	if (i < graph->nnodes || graph->err)
		return i;
	nodes = reallocarray(graph->nodes, i + 1, sizeof(*nodes));
	if (!nodes) {
		graph->err = -ENOMEM;
		return i;
	}
	graph->nodes = nodes;
	nodes[i] = (struct graph_node){ .name = strdup(name), .class = strdup(class),
					.target = strdup(target ? target : "") };
	graph->nnodes++;
	if (!nodes[i].name || !nodes[i].class || !nodes[i].target)
		graph->err = -ENOMEM;
	return i;
}

void graph_edge(struct graph *graph, size_t from, size_t to, const char *class, const char *text)
{
	struct graph_edge *edges;

	for (size_t i = 0; i < graph->nedges; i++)
		if (graph->edges[i].from == from && graph->edges[i].to == to &&
		    !strcmp(graph->edges[i].text, text))
			return;
	edges = reallocarray(graph->edges, graph->nedges + 1, sizeof(*edges));
	if (!edges || graph->err) {
		graph->err = -ENOMEM;
		return;
	}
	graph->edges = edges;
	edges[graph->nedges] = (struct graph_edge){ .from = from, .to = to, .text = strdup(text),
						    .class = strdup(class) };
	if (!edges[graph->nedges].text || !edges[graph->nedges].class)
		graph->err = -ENOMEM;
	graph->nedges++;
}

void graph_deinit(struct graph *graph)
{
	for (size_t i = 0; i < graph->nnodes; i++) {
		free(graph->nodes[i].name);
		free(graph->nodes[i].class);
		free(graph->nodes[i].target);
	}
	for (size_t i = 0; i < graph->nedges; i++) {
		free(graph->edges[i].text);
		free(graph->edges[i].class);
	}
	free(graph->nodes);
	free(graph->edges);
	*graph = (struct graph){ .err = 0 };
}
