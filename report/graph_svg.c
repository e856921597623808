// SPDX-License-Identifier: GPL-2.0-only
/*
 * graph_svg.c - the picture of a lock graph, drawn by graphviz, and its table
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "graph.h"
#include "slotgate/cleanup.h"

static void put_quoted(FILE *out, const char *text)
{
	putc('"', out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			putc('\\', out);
		if (*text == '\n')
			fputs("\\n", out);
		else
			putc(*text, out);
	}
	putc('"', out);
}

/* Classes that the page knows; those of tasks are rounded, so that one tells them from locks. */
static void put_node(FILE *out, const struct graph_node *node, size_t index, const char *id)
{
	fprintf(out, "n%zu [id=\"%s-n%zu\", class=\"%s\", shape=box, style=\"%s\", label=", index, id, index,
		node->class, strstr(node->class, "task") ? "rounded" : "");
	put_quoted(out, node->name);
	if (*node->target) {
		fputs(", href=", out);
		put_quoted(out, node->target);
	}
	fputs("];\n", out);
}

/* Blanks keep the text off its line. */
static void put_edge(FILE *out, const struct graph_edge *edge, size_t index, const char *id)
{
	char label[64];

	snprintf(label, sizeof(label), "  %s ", edge->text);
	fprintf(out, "n%zu -> n%zu [id=\"%s-e%zu\", class=\"%s\"%s, label=", edge->from, edge->to, id, index,
		edge->class, strstr(edge->class, "cycle") ? ", penwidth=2.5" : "");
	put_quoted(out, label);
	fputs("];\n", out);
}

static void put_graph(FILE *out, const struct graph *graph, const char *id)
{
	fprintf(out, "digraph locks {\nid=\"%s-g\";\nrankdir=TB;\nranksep=0.35;\nbgcolor=transparent;\n"
		"node [fontname=\"Helvetica,Arial,sans-serif\", fontsize=12, margin=\"0.15,0.07\"];\n"
		"edge [fontname=\"Helvetica,Arial,sans-serif\", fontsize=10];\n", id);
	for (size_t i = 0; i < graph->nnodes; i++)
		put_node(out, &graph->nodes[i], i, id);
	for (size_t i = 0; i < graph->nedges; i++)
		put_edge(out, &graph->edges[i], i, id);
	fputs("}\n", out);
}

static int write_input(const struct graph *graph, const char *id, int fd)
{
	sg_autofclose FILE *file = fdopen(fd, "w");

	if (!file) {
		close(fd);
		return -errno;
	}
	put_graph(file, graph, id);
	return fflush(file) ? -errno : 0;
}

static int draw(const struct report *report, const struct graph *graph, const char *id, char **ret,
		struct sg_error *err)
{
	char input[] = "/tmp/slotgate-XXXXXX";
	char *argv[] = { "dot", "-Tsvg", input, NULL };
	int fd = mkstemp(input), code;

	if (fd < 0)
		return sg_error_set(err, -errno, "cannot create a file in /tmp: %m");
	code = write_input(graph, id, fd);
	if (code)
		sg_error_set(err, code, "cannot write %s: %s", input, strerror(-code));
	else
		code = sg_command(argv, report->watch, ret, err);
	unlink(input);
	return code;
}

/* Without the head of an SVG file, which has no place in a page. */
static void put_picture(struct html *html, const char *svg)
{
	const char *begin = strstr(svg, "<svg");

	if (!begin)
		return;
	html_class(html, "div", "scroll graph");
	html_attr(html, "tabindex", "0");
	html_markup(html, begin, strlen(begin));
	html_end(html);
}

static void print_picture(struct html *html, struct report *report, const struct graph *graph,
			  const char *id)
{
	sg_autofree char *svg = NULL;
	struct sg_error err;

	if (*report->undrawn || sg_watch_stopped(report->watch))
		return;
	if (draw(report, graph, id, &svg, &err))
		snprintf(report->undrawn, sizeof(report->undrawn), "%.250s", err.text);
	else if (svg)
		put_picture(html, svg);
}

static void print_row(struct html *html, const struct graph *graph, const struct graph_edge *edge)
{
	html_begin(html, "tr");
	if (strstr(edge->class, "cycle"))
		html_attr(html, "class", "cycle");
	html_element(html, "td", NULL, "%s", graph->nodes[edge->from].name);
	html_element(html, "td", NULL, "%s", edge->text);
	html_element(html, "td", NULL, "%s", graph->nodes[edge->to].name);
	html_element(html, "td", NULL, "%s", strstr(edge->class, "cycle") ? "yes" : "");
	html_end(html);
}

static void print_table(struct html *html, const struct graph *graph, bool open)
{
	static const char *const heads[] = { "from", "", "to", "part of the deadlock" };

	html_begin(html, "details");
	if (open)
		html_attr(html, "open", "%s", "");
	html_element(html, "summary", NULL, "The graph as a table");
	html_class(html, "div", "scroll");
	html_begin(html, "table");
	html_begin(html, "thead");
	html_begin(html, "tr");
	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++)
		html_element(html, "th", NULL, "%s", heads[i]);
	html_end(html);
	html_end(html);
	html_begin(html, "tbody");
	for (size_t i = 0; i < graph->nedges; i++)
		print_row(html, graph, &graph->edges[i]);
	html_end(html);
	html_end(html);
	html_end(html);
	html_end(html);
}

void graph_print(struct html *html, struct report *report, const struct graph *graph, const char *id)
{
	if (graph->err || !graph->nedges)
		return;
	html_element(html, "h3", NULL, "Lock graph");
	print_picture(html, report, graph, id);
	if (*report->undrawn)
		html_element(html, "p", "remark", "No picture: %s", report->undrawn);
	print_table(html, graph, *report->undrawn);
}
