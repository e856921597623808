/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * graph.h - lock graphs: tasks, what they wait for, and who has that
 *
 * The picture is graphviz's, with classes instead of colours, so that the page
 * decides what it looks like.  Below it stands the same as a table.
 */
#ifndef REPORT_GRAPH_H
#define REPORT_GRAPH_H

#include "html.h"
#include "report.h"

struct sg_analysis;

/** graph_of_hang - @id is unique in the page */
void graph_of_hang(struct html *html, struct report *report, const struct sg_analysis *analysis,
		   const char *id);

/** graph_of_finding - of a prediction */
void graph_of_finding(struct html *html, struct report *report, struct json_object *finding,
		      const char *id);

/* --- making one --- */

struct graph_node {
	char *name, *class, *target;
};

struct graph_edge {
	size_t from, to;
	char *text, *class;
};

/** struct graph - begin with zeros; @err is the first error, later additions do nothing */
struct graph {
	struct graph_node *nodes;
	size_t nnodes;
	struct graph_edge *edges;
	size_t nedges;
	int err;
};

/** graph_node - the node called @name, added if it is new; @target, a link, may be NULL */
size_t graph_node(struct graph *graph, const char *name, const char *class, const char *target);
/** graph_edge - added if there is none of that text yet */
void graph_edge(struct graph *graph, size_t from, size_t to, const char *class, const char *text);
void graph_deinit(struct graph *graph);

/** graph_print - picture and table; without graphviz the table alone, and @report says so */
void graph_print(struct html *html, struct report *report, const struct graph *graph, const char *id);

#endif
