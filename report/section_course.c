// SPDX-License-Identifier: GPL-2.0-only
/*
 * section_course.c - the time line of a run, and the same as a list
 */
#include <string.h>

#include "course.h"
#include "json.h"
#include "section.h"

enum { LISTED = 600 };

static void print_record(struct html *html, struct json_object *record)
{
	html_begin(html, "tr");
	html_element(html, "td", "number", "%.3f", json_number(record, "ms") / 1000.0);
	html_element(html, "td", NULL, "%s", json_text(record, "t"));
	html_begin(html, "td");
	html_text(html, "%s%s", json_text(record, "text"), json_text(record, "why"));
	if (json_number(record, "slot"))
		html_text(html, "slot %lld", json_number(record, "slot"));
	html_text(html, "%s", json_text(record, "name"));
	html_end(html);
	html_end(html);
}

/* What has words; states of a storm have none. */
static bool is_listed(struct json_object *record)
{
	static const char *const types[] = {
		"boot", "op", "note", "plug", "unplug", "time", "hung", "wrong", "error", "done", NULL
	};

	for (const char *const *type = types; *type; type++)
		if (!strcmp(json_text(record, "t"), *type))
			return true;
	return false;
}

static void print_list(struct html *html, struct json_object *records)
{
	static const char *const columns[] = { "#Seconds", "Record", "", NULL };
	size_t listed = 0, left_out = 0;

	section_fold(html, false, "The guest's reports as a list");
	section_table(html, columns);
	for (size_t i = 0; i < json_count(records); i++) {
		if (!is_listed(json_at(records, i)))
			continue;
		if (listed++ < LISTED)
			print_record(html, json_at(records, i));
		else
			left_out++;
	}
	section_table_end(html);
	if (left_out)
		html_element(html, "p", "remark", "%zu more are left out here; records.jsonl has all.", left_out);
	html_end(html);
}

void section_course(struct html *html, struct report *report, const struct report_entry *entry,
		    const char *id)
{
	struct timeline timeline = { .unit = "s" };

	(void)report;
	(void)id;
	if (!json_count(entry->records))
		return;
	course_of_run(&timeline, entry);
	html_element(html, "h3", NULL, "%s", timeline.nitems ? "Time line" : "Reports");
	timeline_print(html, &timeline, "Time line of operations, tasks, locks and slots");
	timeline_deinit(&timeline);
	print_list(html, entry->records);
}
