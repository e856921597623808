// SPDX-License-Identifier: GPL-2.0-only
/*
 * section_hang.c - who hangs, why, what that is called and what can be done
 */
#include <stdlib.h>
#include <string.h>

#include "evidence_internal.h"
#include "graph.h"
#include "json.h"
#include "section.h"
#include "slotgate/diagnose.h"

/* --- the diagnosis --- */

static void print_path(struct html *html, struct json_object *path, bool cycle)
{
	html_begin(html, "ol");
	for (size_t i = 0; i < json_count(path); i++) {
		struct json_object *step = json_at(path, i);

		html_begin(html, "li");
		html_element(html, "b", NULL, "%s", json_text(step, "who"));
		html_text(html, " %s, which is up to ", json_text(step, "waits"));
		html_element(html, "b", NULL, "%s", json_text(step, "holder"));
		html_end(html);
	}
	html_end(html);
	html_element(html, "p", NULL, "%s", cycle ? "That is a cycle: none of them can ever go on." :
		     "That is a chain: all of them go on when its end does.");
}

/* Commands stand in it as in `slotgate on`. */
static void print_prose(struct html *html, const char *text)
{
	for (bool command = false; *text; command = !command) {
		int size = strcspn(text, "`");

		if (command)
			html_element(html, "code", NULL, "%.*s", size, text);
		else
			html_text(html, "%.*s", size, text);
		text += size + (text[size] == '`');
	}
}

static void print_labelled(struct html *html, const char *label, const char *text)
{
	if (!*text)
		return;
	html_begin(html, "p");
	html_element(html, "b", NULL, "%s: ", label);
	print_prose(html, text);
	html_end(html);
}

static void print_named(struct html *html, struct json_object *hang)
{
	html_class(html, "div", "finding");
	html_begin(html, "p");
	html_text(html, "This is ");
	html_element(html, "code", NULL, "%s", json_text(hang, "row"));
	html_text(html, "%s.", json_true(hang, "by_elimination") ? ", told by elimination" : "");
	html_end(html);
	html_element(html, "p", NULL, "%s", json_text(hang, "what"));
	print_path(html, json_list(hang, "path"), json_true(hang, "cycle"));
	print_labelled(html, "Without a reboot", json_text(hang, "without_reboot"));
	print_labelled(html, "Next time", json_text(hang, "next_time"));
	html_end(html);
}

static void print_list(struct html *html, const char *label, struct json_object *list)
{
	if (!json_count(list))
		return;
	html_begin(html, "p");
	html_element(html, "b", NULL, "%s: ", label);
	for (size_t i = 0; i < json_count(list); i++) {
		html_text(html, "%s", i ? ", " : "");
		print_prose(html, json_text_at(list, i));
	}
	html_end(html);
}

static void print_spread(struct html *html, struct json_object *json)
{
	struct json_object *spread = json_object_of(json, "spread");

	if (json_true(spread, "whole_machine"))
		html_element(html, "p", NULL, "The rescan/remove lock is held: no slot of the machine can be used.");
	print_list(html, "Slots whose handler stands still", json_list(spread, "slots"));
	print_list(html, "Devices taken part in", json_list(spread, "devices"));
	print_list(html, "Tasks that wait behind them", json_list(spread, "tasks_behind"));
	print_list(html, "Not seen", json_list(json, "missing"));
	print_list(html, "Note", json_list(json, "notes"));
}

static void print_diagnosis(struct html *html, const struct sg_diagnosis *diagnosis)
{
	struct json_object *json = sg_diagnosis_to_json(diagnosis);
	struct json_object *hangs = json_list(json, "hangs");

	html_element(html, "h3", NULL, "Diagnosis");
	if (!json_count(hangs))
		html_element(html, "p", NULL, "No row of the scoreboard fits.");
	if (json_count(json_list(json, "path")))
		print_path(html, json_list(json, "path"), diagnosis->analysis.cycle);
	for (size_t i = 0; i < json_count(hangs); i++)
		print_named(html, json_at(hangs, i));
	print_spread(html, json);
	json_object_put(json);
}

/* --- the tasks --- */

/* An owner of many drives has them all in one breath. */
static bool print_open(struct html *html, const struct sg_task *task, bool any)
{
	size_t count = 0;

	for (size_t i = 0; i < task->nholds; i++)
		if (task->holds[i].kind == SG_RES_OWNER)
			html_text(html, "%s%s", count++ ? ", " : any ? "; has open " : "has open ",
				  task->holds[i].name);
	return any || count;
}

static void print_holds(struct html *html, const struct sg_task *task)
{
	char text[256];
	bool any = false;

	html_begin(html, "td");
	for (size_t i = 0; i < task->nholds; i++) {
		sg_resource_hold_text(text, sizeof(text), &task->holds[i]);
		if (!*text || task->holds[i].kind == SG_RES_OWNER)
			continue;
		html_text(html, "%s%s%s", any ? "; " : "", text,
			  task->holds[i].supposed ? ", as nobody else can" : "");
		any = true;
	}
	any = print_open(html, task, any);
	html_text(html, "%s", any ? "" : "–");
	html_end(html);
}

static void print_stack(struct html *html, struct json_object *task)
{
	struct json_object *stack = json_list(task, "stack");

	html_begin(html, "td");
	if (!json_count(stack)) {
		html_end(html);
		return;
	}
	section_fold(html, false, "%zu functions", json_count(stack));
	html_begin(html, "pre");
	for (size_t i = 0; i < json_count(stack); i++)
		html_text(html, "%s\n", json_text_at(stack, i));
	html_end(html);
	html_end(html);
	html_end(html);
}

static void print_task(struct html *html, const struct sg_task *task, struct json_object *json,
		       bool on_path, const char *id, size_t index)
{
	char text[256];

	html_begin(html, "tr");
	html_attr(html, "id", "%s-task-%zu", id, index);
	if (on_path)
		html_attr(html, "class", "cycle");
	html_element(html, "td", NULL, "%s", task->who);
	html_element(html, "td", NULL, "%s", task->comm);
	html_class(html, "td", "number");
	if (task->pid)	/* what only the log tells of has none */
		html_text(html, "%d", task->pid);
	html_end(html);
	html_element(html, "td", NULL, "%s", json_text(json, "state"));
	print_holds(html, task);
	sg_resource_wait_text(text, sizeof(text), &task->waits);
	html_element(html, "td", NULL, "%s", text);
	html_begin(html, "td");
	html_element(html, "code", NULL, "%s", task->function);
	html_end(html);
	html_element(html, "td", NULL, "%s", on_path ? "yes" : "");
	print_stack(html, json);
	html_end(html);
}

static bool is_on_path(const struct sg_analysis *analysis, size_t task)
{
	for (size_t i = 0; i < analysis->npath; i++)
		if (analysis->path[i] == task)
			return true;
	return false;
}

static void print_tasks(struct html *html, const struct sg_analysis *analysis,
			struct json_object *evidence, const char *id)
{
	static const char *const columns[] = {
		"Task", "Process", "#Pid", "State", "Has", "Waits", "In", "Part of it", "Stack", NULL
	};

	html_element(html, "h3", NULL, "Tasks that stand still");
	section_table(html, columns);
	for (size_t i = 0; i < analysis->ntasks; i++)
		print_task(html, &analysis->tasks[i], json_at(json_list(evidence, "tasks"), i),
			   is_on_path(analysis, i), id, i);
	section_table_end(html);
}

/*
 * The analysis follows names alone.  Where the diagnosis has found a cycle without
 * some of them, that is the way that matters.
 */
static void follow_diagnosis(struct sg_diagnosis *diagnosis)
{
	struct sg_analysis *analysis = &diagnosis->analysis;
	const struct sg_named *named = &diagnosis->named[0];
	size_t *path;

	if (!diagnosis->nnamed || !named->cycle)
		return;
	path = reallocarray(analysis->path, named->npath, sizeof(*path));
	if (!path)
		return;
	memcpy(path, named->path, named->npath * sizeof(*path));
	analysis->path = path;
	analysis->npath = named->npath;
	analysis->cycle = true;
}

void section_hang(struct html *html, struct report *report, const struct report_entry *entry,
		  const char *id)
{
	struct sg_diagnosis diagnosis;

	if (!json_count(json_list(entry->evidence, "tasks")) || sg_diagnose(entry->evidence, &diagnosis))
		return;
	print_diagnosis(html, &diagnosis);
	follow_diagnosis(&diagnosis);
	graph_of_hang(html, report, &diagnosis.analysis, id);
	print_tasks(html, &diagnosis.analysis, entry->evidence, id);
	sg_diagnosis_deinit(&diagnosis);
}
