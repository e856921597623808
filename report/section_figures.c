// SPDX-License-Identifier: GPL-2.0-only
/*
 * section_figures.c - what was measured and counted
 */
#include <string.h>

#include "json.h"
#include "section.h"

static struct json_object *record_of(const struct report_entry *entry, const char *type)
{
	struct json_object *last = NULL;

	for (size_t i = 0; i < json_count(entry->records); i++)
		if (!strcmp(json_text(json_at(entry->records, i), "t"), type))
			last = json_at(entry->records, i);
	return last;
}

static void print_times(struct html *html, struct json_object *times)
{
	static const char *const columns[] = { "Measured", "#Seconds", NULL };

	if (!times || !json_object_object_length(times))
		return;
	html_element(html, "h3", NULL, "Times");
	section_table(html, columns);
	json_object_object_foreach(times, name, value) {
		html_begin(html, "tr");
		html_element(html, "td", NULL, "%s", name);
		html_element(html, "td", "number", "%.3f", json_object_get_int64(value) / 1000.0);
		html_end(html);
	}
	section_table_end(html);
}

static void print_topology(struct html *html, struct json_object *topology)
{
	bool first = true;

	if (!topology)
		return;
	html_begin(html, "p");
	html_element(html, "b", NULL, "Topology gate: ");
	json_object_object_foreach(topology, name, value) {
		html_text(html, "%s%s %s", first ? "" : ", ", name, json_object_get_string(value));
		first = false;
	}
	html_end(html);
}

/* --- storms --- */

static void print_bar(struct html *html, double part)
{
	html_begin(html, "td");
	html_class(html, "svg", "share");
	html_attr(html, "width", "120");
	html_attr(html, "height", "12");
	html_attr(html, "aria-hidden", "true");
	html_class(html, "rect", "share");
	html_attr(html, "width", "%.1f", 120 * part);
	html_attr(html, "height", "12");
	html_end(html);
	html_end(html);
	html_end(html);
}

static void print_kind(struct html *html, struct json_object *kind, long long slowest)
{
	static const char *const numbers[] = { "calls", "refused", "p50_ms", "p95_ms", "p99_ms", "max_ms" };

	html_begin(html, "tr");
	html_element(html, "td", NULL, "%s", json_text(kind, "kind"));
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		html_element(html, "td", "number", "%lld", json_number(kind, numbers[i]));
	print_bar(html, slowest ? (double)json_number(kind, "max_ms") / slowest : 0);
	html_end(html);
}

static void print_kinds(struct html *html, struct json_object *kinds)
{
	static const char *const columns[] = {
		"Call", "#Times", "#Refused", "#p50 ms", "#p95 ms", "#p99 ms", "#Max ms", "Max, compared", NULL
	};
	long long slowest = 0;

	for (size_t i = 0; i < json_count(kinds); i++)
		if (json_number(json_at(kinds, i), "max_ms") > slowest)
			slowest = json_number(json_at(kinds, i), "max_ms");
	section_table(html, columns);
	for (size_t i = 0; i < json_count(kinds); i++)
		print_kind(html, json_at(kinds, i), slowest);
	section_table_end(html);
}

/* A storm that did not come to its end has told how far it was. */
static void print_storm(struct html *html, const struct report_entry *entry)
{
	struct json_object *end = record_of(entry, "storm-end"), *begin = record_of(entry, "storm-begin");
	struct json_object *last = end ? end : record_of(entry, "storm-state");

	if (!last)
		return;
	html_element(html, "h3", NULL, "Storm");
	html_element(html, "p", NULL, "Seed %lld, %lld slots, %lld jobs at once, %lld a minute for %lld s: "
		     "%lld operations, %lld calls in %.1f s. Kernel memory at the end %.1f MiB.",
		     json_number(begin, "seed"), json_number(begin, "slots"), json_number(begin, "jobs"),
		     json_number(begin, "rate"), json_number(begin, "seconds"), json_number(last, "begun"),
		     json_number(last, "calls"), json_number(last, "elapsed_ms") / 1000.0,
		     json_number(last, "kernel_kib") / 1024.0);
	if (!end)
		html_element(html, "p", "remark", "It did not come to its end: these are its last figures.");
	else
		print_kinds(html, json_list(end, "kinds"));
}

void section_figures(struct html *html, struct report *report, const struct report_entry *entry,
		     const char *id)
{
	(void)report;
	(void)id;
	print_topology(html, json_object_of(json_object_of(entry->result, "counters"), "topology"));
	print_times(html, json_object_of(entry->result, "times_ms"));
	print_storm(html, entry);
}
