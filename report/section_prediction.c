// SPDX-License-Identifier: GPL-2.0-only
/*
 * section_prediction.c - predicted deadlocks, each with its graph and a schedule that leads there
 */
#include <stdlib.h>
#include <string.h>

#include "course.h"
#include "graph.h"
#include "json.h"
#include "section.h"
#include "slotgate/cleanup.h"
#include "slotgate/strv.h"

enum { SHOWN = 20 };

static void print_stack(struct html *html, struct json_object *stack)
{
	if (!json_count(stack))
		return;
	section_fold(html, false, "%s", json_text_at(stack, 0));
	html_begin(html, "pre");
	for (size_t i = 0; i < json_count(stack); i++)
		html_text(html, "%s\n", json_text_at(stack, i));
	html_end(html);
	html_end(html);
}

/* In the words of "slotgate predict", which old files lack. */
static void print_row(struct html *html, const char *task, struct json_object *what, const char *otherwise)
{
	const char *text = json_text(what, "text");

	html_begin(html, "tr");
	html_element(html, "td", NULL, "%s", task);
	html_begin(html, "td");
	if (*text)
		html_text(html, "%s", text);
	else
		html_text(html, "%s %s %s", otherwise, json_text(what, "kind"), json_text(what, "object"));
	html_end(html);
	html_element(html, "td", "number", "%lld", json_number(what, "record"));
	html_begin(html, "td");
	print_stack(html, json_list(what, "stack"));
	html_end(html);
	html_end(html);
}

static void print_tasks(struct html *html, struct json_object *tasks)
{
	static const char *const columns[] = { "Task", "Holds and waits", "#Record", "Where", NULL };

	section_table(html, columns);
	for (size_t i = 0; i < json_count(tasks); i++) {
		struct json_object *task = json_at(tasks, i), *holds = json_list(task, "holds");

		for (size_t j = 0; j < json_count(holds); j++)
			print_row(html, j ? "" : json_text(task, "task"), json_at(holds, j), "holds");
		print_row(html, json_count(holds) ? "" : json_text(task, "task"), json_object_of(task, "waits"),
			  "waits for");
	}
	section_table_end(html);
}

static void print_finding(struct html *html, struct report *report, struct json_object *finding,
			  const char *id, size_t number)
{
	struct timeline timeline = { .unit = "" };
	sg_autofree char *own = sg_format("%s-finding-%zu", id, number);
	struct json_object *tasks = json_list(finding, "tasks");

	html_class(html, "div", "finding");
	html_attr(html, "id", "%s", own ? own : "");
	html_class(html, "p", "outcome");
	section_verdict(html, json_text(finding, "verdict"));
	html_text(html, "%zu tasks%s%s", json_count(tasks), *json_text(finding, "suppressed") ? "; known: " : "",
		  json_text(finding, "suppressed"));
	html_end(html);
	graph_of_finding(html, report, finding, own ? own : "");
	html_element(html, "h3", NULL, "Who has what and waits for what");
	print_tasks(html, tasks);
	if (json_count(json_list(finding, "schedule"))) {
		html_element(html, "h3", NULL, "A schedule that leads there, step by step");
		course_of_schedule(&timeline, finding);
		timeline_print(html, &timeline, "Schedule of a predicted deadlock");
	}
	timeline_deinit(&timeline);
	html_end(html);
}

static void print_figures(struct html *html, struct json_object *prediction)
{
	struct json_object *trace = json_object_of(prediction, "trace");

	html_element(html, "p", NULL, "%lld events of %lld tasks, %lld objects: %lld predicted, %lld suppressed, "
		     "%lld unknown, %lld refuted.", json_number(trace, "events"), json_number(trace, "tasks"),
		     json_number(trace, "objects"), json_number(prediction, "predicted"),
		     json_number(prediction, "suppressed"), json_number(prediction, "unknown"),
		     json_number(prediction, "refuted"));
	if (json_number(trace, "events_lost"))
		html_element(html, "p", "remark", "%lld events were lost while recording: there may be more, and "
			     "what is told may be wrong.", json_number(trace, "events_lost"));
	if (json_true(trace, "capped"))
		html_element(html, "p", "remark", "There are too many patterns: only those of up to %lld tasks were "
			     "all looked at.", json_number(trace, "complete_to"));
}

void section_prediction(struct html *html, struct report *report, const struct report_entry *entry,
			const char *id)
{
	struct json_object *findings = json_list(entry->prediction, "findings");
	size_t shown = 0, left_out = 0;

	if (!entry->prediction)
		return;
	html_element(html, "h3", NULL, "Prediction");
	print_figures(html, entry->prediction);
	for (size_t i = 0; i < json_count(findings); i++) {
		if (!strcmp(json_text(json_at(findings, i), "verdict"), "refuted"))
			continue;
		if (shown < SHOWN)
			print_finding(html, report, json_at(findings, i), id, ++shown);
		else
			left_out++;
	}
	if (left_out)
		html_element(html, "p", "remark", "%zu more are left out here; slotgate predict --json has all.",
			     left_out);
}
