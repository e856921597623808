// SPDX-License-Identifier: GPL-2.0-only
/*
 * section_slots.c - the slots of a machine: what is in them, and what slotgate and storms counted
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "section.h"
#include "slotgate/cleanup.h"
#include "slotgate/strv.h"

enum { SLOTS_MAX = 256 };

enum source { EVIDENCE, OWNERS, STORM, COUNTERS, SOURCES };

/** struct slot - what each source has of it, NULL if nothing */
struct slot {
	char name[64];
	struct json_object *of[SOURCES];
};

struct slots {
	struct slot list[SLOTS_MAX];
	size_t count;
};

static struct slot *find(struct slots *slots, const char *name)
{
	size_t i = 0;

	while (i < slots->count && strcmp(slots->list[i].name, name))
		i++;
	if (i == SLOTS_MAX || !*name)
		return NULL;
	if (i == slots->count)
		snprintf(slots->list[slots->count++].name, sizeof(slots->list[i].name), "%s", name);
	return &slots->list[i];
}

/* A slot's name, or its number where it has none. */
static void add(struct slots *slots, struct json_object *json, enum source source)
{
	sg_autofree char *number = sg_format("%lld", json_number(json, "slot"));
	const char *name = *json_text(json, "name") ? json_text(json, "name") : json_text(json, "slot");
	struct slot *slot = find(slots, *name ? name : number ? number : "");

	if (slot)
		slot->of[source] = json;
}

static void add_all(struct slots *slots, struct json_object *list, enum source source)
{
	for (size_t i = 0; i < json_count(list); i++)
		add(slots, json_at(list, i), source);
}

static struct json_object *last_of_storm(struct json_object *records)
{
	struct json_object *last = NULL;

	for (size_t i = 0; i < json_count(records); i++)
		if (!strncmp(json_text(json_at(records, i), "t"), "storm-", 6) &&
		    json_list(json_at(records, i), "slots"))
			last = json_at(records, i);
	return last;
}

static void add_counters(struct slots *slots, struct json_object *counters)
{
	struct json_object *list = json_object_of(counters, "slots");

	if (!list)
		return;
	json_object_object_foreach(list, name, value) {
		struct slot *slot = find(slots, name);

		if (slot)
			slot->of[COUNTERS] = value;
	}
}

static int by_name(const void *a, const void *b)
{
	return strverscmp(((const struct slot *)a)->name, ((const struct slot *)b)->name);
}

/* --- columns --- */

struct column {
	const char *title;
	enum source source;
	const char *member;
};

static const struct column columns[] = {
	{ "Port", EVIDENCE, "port" },
	{ "Device", EVIDENCE, "device" },
	{ "#IRQ", EVIDENCE, "irq" },
	{ "#Its thread", EVIDENCE, "thread" },
	{ "Device", STORM, "device" },
	{ "Driver", STORM, "driver" },
	{ "At the end", STORM, "doing" },
	{ "#Calls", STORM, "ops" },
	{ "#Refused", STORM, "refused" },
	{ "#Slowest ms", STORM, "slowest_ms" },
	{ "#Events", COUNTERS, "events" },
	{ "#Removals", COUNTERS, "removals" },
	{ "#Unbound early", COUNTERS, "unbound_early" },
	{ "#Resets", COUNTERS, "resets" },
	{ "#Resets refused", COUNTERS, "refused" },
	{ "#Owed", COUNTERS, "deferred" },
	{ "#Paid", COUNTERS, "paid" },
	{ "#Waited", COUNTERS, "waited" },
	{ "#Left", COUNTERS, "left" },
	{ "#Longest wait ms", COUNTERS, "longest_wait_ms" },
};

enum { COLUMNS = sizeof(columns) / sizeof(*columns) };

/* "" for what is not there; numbers as they are. */
static const char *value_of(const struct slot *slot, const struct column *column)
{
	struct json_object *value = NULL;

	if (!json_object_is_type(slot->of[column->source], json_type_object) ||
	    !json_object_object_get_ex(slot->of[column->source], column->member, &value) || !value)
		return "";
	return json_object_is_type(value, json_type_array) ? "" : json_object_get_string(value);
}

static bool is_used(const struct slots *slots, const struct column *column)
{
	for (size_t i = 0; i < slots->count; i++)
		if (*value_of(&slots->list[i], column))
			return true;
	return false;
}

/* Who has a drive of the slot open. */
static void print_owners(struct html *html, const struct slot *slot, struct json_object *owners)
{
	long number = strtol(slot->name, NULL, 10);
	bool any = false;

	html_begin(html, "td");
	for (size_t i = 0; i < json_count(owners); i++) {
		struct json_object *list = json_list(json_at(owners, i), "slots");

		for (size_t j = 0; j < json_count(list); j++) {
			if (json_object_get_int64(json_at(list, j)) != number)
				continue;
			html_text(html, "%s%s", any ? ", " : "", json_text(json_at(owners, i), "id"));
			any = true;
		}
	}
	html_end(html);
}

static bool is_number(const char *text)
{
	return *text && !text[strspn(text, "0123456789")];
}

static void print_slot(struct html *html, const struct slots *slots, const struct slot *slot,
		       struct json_object *owners)
{
	html_begin(html, "tr");
	html_begin(html, "th");
	html_attr(html, "scope", "row");
	html_text(html, "%s", slot->name);
	html_end(html);
	for (size_t i = 0; i < COLUMNS; i++) {
		const char *value = value_of(slot, &columns[i]);

		if (is_used(slots, &columns[i]))
			html_element(html, "td", is_number(value) ? "number" : NULL, "%s", *value ? value : "–");
	}
	if (json_count(owners))
		print_owners(html, slot, owners);
	html_end(html);
}

static void print(struct html *html, const struct slots *slots, struct json_object *owners)
{
	const char *titles[COLUMNS + 3] = { "Slot" };
	size_t count = 1;

	for (size_t i = 0; i < COLUMNS; i++)
		if (is_used(slots, &columns[i]))
			titles[count++] = columns[i].title;
	if (json_count(owners))
		titles[count++] = "Open by owner";
	html_element(html, "h3", NULL, "Slots");
	section_table(html, titles);
	for (size_t i = 0; i < slots->count; i++)
		print_slot(html, slots, &slots->list[i], owners);
	section_table_end(html);
}

void section_slots(struct html *html, struct report *report, const struct report_entry *entry,
		   const char *id)
{
	struct slots *slots = calloc(1, sizeof(*slots));

	(void)report;
	(void)id;
	if (!slots)
		return;
	add_all(slots, json_list(entry->evidence, "slots"), EVIDENCE);
	add_all(slots, json_list(last_of_storm(entry->records), "slots"), STORM);
	add_counters(slots, json_object_of(entry->result, "counters"));
	if (slots->count) {
		qsort(slots->list, slots->count, sizeof(*slots->list), by_name);
		print(html, slots, json_list(entry->evidence, "owners"));
	}
	free(slots);
}
