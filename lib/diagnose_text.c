// SPDX-License-Identifier: GPL-2.0-only
/*
 * diagnose_text.c - a diagnosis in plain words, and as JSON
 */
#include <string.h>

#include "diagnose_internal.h"

static const char *const kind_words[] = {
	[SG_NOTHING_HANGS] = "nothing hangs",
	[SG_HANG_NAMED] = "named",
	[SG_HANG_UNKNOWN] = "unknown",
	[SG_HANG_UNSEEN] = "unseen",
};

static const char unknown_now[] =
	"Not known. Look at the end of the chain: if it is a process that could go on, let it.";
static const char unknown_prevent[] = "Not known. A report with this output helps to find out.";

/* ---- the way through the graph ---- */

struct way {
	const struct sg_analysis *analysis;
	const size_t *path;
	size_t count;
	bool cycle;
};

static struct way way_of(const struct sg_diagnosis *diagnosis, size_t index)
{
	const struct sg_analysis *analysis = &diagnosis->analysis;

	if (index < diagnosis->nnamed)
		return (struct way){ analysis, diagnosis->named[index].path,
				     diagnosis->named[index].npath, diagnosis->named[index].cycle };
	return (struct way){ analysis, analysis->path, analysis->npath, analysis->cycle };
}

static const struct sg_task *way_task(const struct way *way, size_t step)
{
	return &way->analysis->tasks[way->path[step]];
}

/* Who the last of a chain waits for. */
static const char *way_end(const struct way *way)
{
	enum sg_resource_kind kind = way_task(way, way->count - 1)->waits.kind;
	bool same = way->analysis->npath &&
		    way->path[way->count - 1] == way->analysis->path[way->analysis->npath - 1];

	if (same && way->analysis->end[0])
		return way->analysis->end;
	if (kind == SG_RES_ANSWER)
		return "hardware and no task";
	if (kind == SG_RES_QUEUES)
		return "no task any more";
	return kind == SG_RES_OWNER ? "its owner, which is not among the stuck tasks"
				    : "somebody who is not among the stuck tasks";
}

static const char *way_next(const struct way *way, size_t step)
{
	if (step + 1 < way->count)
		return way_task(way, step + 1)->who;
	return way->cycle ? way_task(way, 0)->who : way_end(way);
}

static void print_way(FILE *out, const struct way *way)
{
	char text[256];

	for (size_t i = 0; i < way->count; i++) {
		const struct sg_task *task = way_task(way, i);

		sg_resource_wait_text(text, sizeof(text), &task->waits);
		fprintf(out, "  %s %s, %s %s%s\n", task->who, text, sg_link_text(&task->waits),
			way_next(way, i), i + 1 < way->count ? ";" : ".");
	}
}

/* ---- for people ---- */

/* @text in lines of a terminal's width, indented. */
static void print_wrapped(FILE *out, const char *text)
{
	size_t column = 2;

	fputs("  ", out);
	while (*text) {
		size_t len = strcspn(text, " ");

		if (column + len > 96 && column > 2) {
			fputs("\n  ", out);
			column = 2;
		}
		fprintf(out, "%.*s", (int)len, text);
		column += len;
		text += len;
		if (*text == ' ') {
			text++;
			column += fprintf(out, " ");
		}
	}
	fputc('\n', out);
}

static void print_list(FILE *out, const char *heading, const struct sg_strv *list)
{
	if (!list->count)
		return;
	fprintf(out, "  %s: ", heading);
	for (size_t i = 0; i < list->count; i++)
		fprintf(out, "%s%s", i ? ", " : "", list->items[i]);
	fputc('\n', out);
}

static void print_named(FILE *out, const struct sg_diagnosis *diagnosis, size_t index)
{
	const struct sg_named *named = &diagnosis->named[index];
	struct way way = way_of(diagnosis, index);

	fprintf(out, "%s: %s\n", named->cycle ? "Deadlock" : "Standstill", named->row->name);
	print_wrapped(out, named->row->what);
	fprintf(out, "\nWho waits for whom\n");
	print_way(out, &way);
	if (named->cycle)
		fprintf(out, "  None of them can ever go on.\n");
	if (named->eliminated)
		print_wrapped(out, named->alike ?
			"The evidence does not name everything that is waited for. Which deadlock this is follows "
			"by elimination; who exactly takes part stays open, as others of the stuck tasks would fit "
			"as well." :
			"The evidence does not name everything that is waited for: some of this is told by "
			"elimination, as nobody else among the stuck tasks can be meant.");
}

static void print_unknown(FILE *out, const struct sg_diagnosis *diagnosis)
{
	struct way way = way_of(diagnosis, 0);

	fprintf(out, "Unknown hang: no row of the scoreboard fits\n");
	if (way.count) {
		fprintf(out, "\nWho waits for whom\n");
		print_way(out, &way);
	}
	fprintf(out, "\nStuck tasks\n");
	for (size_t i = 0; i < diagnosis->analysis.ntasks; i++)
		sg_task_print(out, &diagnosis->analysis.tasks[i]);
}

static void print_unseen(FILE *out, const struct sg_diagnosis *diagnosis)
{
	fprintf(out, "Tasks stand still, and where they do may not be seen\n");
	for (size_t i = 0; i < diagnosis->analysis.ntasks; i++)
		fprintf(out, "  %s (pid %d)\n", diagnosis->analysis.tasks[i].who,
			diagnosis->analysis.tasks[i].pid);
}

static void print_spread(FILE *out, const struct sg_diagnosis *diagnosis)
{
	fprintf(out, "\nHow far it has spread\n");
	if (diagnosis->machine)
		fprintf(out, "  whole machine: the rescan/remove lock is held, so no slot can be used and no "
			     "PCI device added or removed\n");
	print_list(out, "slots", &diagnosis->slots);
	print_list(out, "devices", &diagnosis->devices);
	print_list(out, "tasks behind it", &diagnosis->behind);
}

static void print_advice(FILE *out, const struct sg_diagnosis *diagnosis)
{
	const struct sg_row *row = diagnosis->nnamed ? diagnosis->named[0].row : NULL;

	fprintf(out, "\nWithout a reboot\n");
	print_wrapped(out, row ? row->now : unknown_now);
	fprintf(out, "\nNext time\n");
	print_wrapped(out, row ? row->prevent : unknown_prevent);
}

static void print_texts(FILE *out, const char *heading, const struct sg_strv *list)
{
	if (!list->count)
		return;
	fprintf(out, "\n%s\n", heading);
	for (size_t i = 0; i < list->count; i++)
		print_wrapped(out, list->items[i]);
}

void sg_diagnosis_print(FILE *out, const struct sg_diagnosis *diagnosis)
{
	switch (diagnosis->kind) {
	case SG_NOTHING_HANGS:
		fprintf(out, diagnosis->log[0] ?
			"No blocked task in the kernel's PCI, vfio or sysfs code is in this log.\n" :
			"Nothing hangs: no task stands still in the kernel's PCI, vfio or sysfs code.\n");
		break;
	case SG_HANG_NAMED:
		for (size_t i = 0; i < diagnosis->nnamed; i++) {
			fputs(i ? "\n" : "", out);
			print_named(out, diagnosis, i);
		}
		break;
	case SG_HANG_UNKNOWN:
		print_unknown(out, diagnosis);
		break;
	case SG_HANG_UNSEEN:
		print_unseen(out, diagnosis);
		break;
	}
	if (diagnosis->kind != SG_NOTHING_HANGS)
		print_spread(out, diagnosis);
	if (diagnosis->kind == SG_HANG_NAMED || diagnosis->kind == SG_HANG_UNKNOWN)
		print_advice(out, diagnosis);
	print_texts(out, "Not seen", &diagnosis->missing);
	print_texts(out, "Note", &diagnosis->notes);
}

/* ---- for programs ---- */

static void add_text(struct json_object *obj, const char *key, const char *text)
{
	json_object_object_add(obj, key, json_object_new_string(text));
}

static struct json_object *strings_json(const struct sg_strv *list)
{
	struct json_object *ret = json_object_new_array();

	for (size_t i = 0; i < list->count; i++)
		json_object_array_add(ret, json_object_new_string(list->items[i]));
	return ret;
}

static struct json_object *way_json(const struct way *way)
{
	struct json_object *ret = json_object_new_array(), *step;
	char text[256];

	for (size_t i = 0; i < way->count; i++) {
		const struct sg_task *task = way_task(way, i);

		step = json_object_new_object();
		json_object_object_add(step, "pid", json_object_new_int(task->pid));
		add_text(step, "who", task->who);
		sg_resource_wait_text(text, sizeof(text), &task->waits);
		add_text(step, "waits", text);
		add_text(step, "holder", way_next(way, i));
		json_object_array_add(ret, step);
	}
	return ret;
}

static struct json_object *named_json(const struct sg_diagnosis *diagnosis, size_t index)
{
	const struct sg_named *named = &diagnosis->named[index];
	struct json_object *ret = json_object_new_object();
	struct way way = way_of(diagnosis, index);

	add_text(ret, "row", named->row->name);
	add_text(ret, "what", named->row->what);
	json_object_object_add(ret, "cycle", json_object_new_boolean(named->cycle));
	json_object_object_add(ret, "by_elimination", json_object_new_boolean(named->eliminated));
	json_object_object_add(ret, "alike", json_object_new_int(named->alike));
	json_object_object_add(ret, "path", way_json(&way));
	add_text(ret, "without_reboot", named->row->now);
	add_text(ret, "next_time", named->row->prevent);
	return ret;
}

static struct json_object *spread_json(const struct sg_diagnosis *diagnosis)
{
	struct json_object *ret = json_object_new_object();

	json_object_object_add(ret, "whole_machine", json_object_new_boolean(diagnosis->machine));
	json_object_object_add(ret, "slots", strings_json(&diagnosis->slots));
	json_object_object_add(ret, "devices", strings_json(&diagnosis->devices));
	json_object_object_add(ret, "tasks_behind", strings_json(&diagnosis->behind));
	return ret;
}

struct json_object *sg_diagnosis_to_json(const struct sg_diagnosis *diagnosis)
{
	struct json_object *ret = json_object_new_object();
	struct json_object *hangs = json_object_new_array(), *tasks = json_object_new_array();
	struct way way = way_of(diagnosis, diagnosis->nnamed);

	for (size_t i = 0; i < diagnosis->nnamed; i++)
		json_object_array_add(hangs, named_json(diagnosis, i));
	for (size_t i = 0; i < diagnosis->analysis.ntasks; i++)
		json_object_array_add(tasks, sg_task_to_json(&diagnosis->analysis.tasks[i]));
	add_text(ret, "verdict", kind_words[diagnosis->kind]);
	json_object_object_add(ret, "row", !diagnosis->nnamed ? NULL :
			       json_object_new_string(diagnosis->named[0].row->name));
	json_object_object_add(ret, "hangs", hangs);
	if (diagnosis->kind == SG_HANG_UNKNOWN)
		json_object_object_add(ret, "path", way_json(&way));
	json_object_object_add(ret, "spread", spread_json(diagnosis));
	json_object_object_add(ret, "missing", strings_json(&diagnosis->missing));
	json_object_object_add(ret, "notes", strings_json(&diagnosis->notes));
	json_object_object_add(ret, "tasks", tasks);
	return ret;
}
