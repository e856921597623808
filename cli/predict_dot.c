// SPDX-License-Identifier: GPL-2.0-only
/*
 * predict_dot.c - the graph of what is waited for while something is held, for graphviz
 */
#include <errno.h>
#include <stdlib.h>

#include "predict.h"
#include "slotgate/cleanup.h"

enum { TEXT_MAX = SG_TRACE_TEXT_MAX + 128 };

static void put_quoted(FILE *out, const char *text)
{
	putc('"', out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			putc('\\', out);
		putc(*text, out);
	}
	putc('"', out);
}

static void print_edge(FILE *out, const struct predict_report *report, const struct sg_edge *edge)
{
	char text[TEXT_MAX];

	put_quoted(out, predict_object(report->predict, edge->from, text, sizeof(text)));
	fputs(" -> ", out);
	put_quoted(out, predict_object(report->predict, edge->to, text, sizeof(text)));
	fputs(" [label=", out);
	put_quoted(out, sg_predict_task_name(report->predict, edge->task));
	if (edge->finding != SIZE_MAX && report->suppressed_by[edge->finding] == SIZE_MAX)
		fputs(", color=red, penwidth=2", out);
	fputs("];\n", out);
}

int predict_print_dot(FILE *out, const struct predict_report *report)
{
	sg_autofree struct sg_edge *edges = NULL;
	size_t count;
	int err = sg_predict_edges(report->predict, &edges, &count);

	if (err)
		return err;
	fputs("// an arrow: whoever holds this waits for that; red: part of a predicted deadlock\n"
	      "digraph locks {\nrankdir=LR;\nnode [shape=box, fontname=\"sans\"];\n"
	      "edge [fontname=\"sans\", fontsize=10];\n", out);
	for (size_t i = 0; i < count; i++)
		print_edge(out, report, &edges[i]);
	fputs("}\n", out);
	return fflush(out) ? -errno : 0;
}
