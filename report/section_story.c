// SPDX-License-Identifier: GPL-2.0-only
/*
 * section_story.c - what a run is about and how it went
 */
#include <string.h>

#include "json.h"
#include "section.h"
#include "slotgate/scenario.h"

static const char *const expectations[] = {
	[REPORT_OPEN] = "",
	[REPORT_AS_EXPECTED] = "as it should be",
	[REPORT_UNEXPECTED] = "not as it should be",
};

static void print_pair(struct html *html, const char *name, const char *value)
{
	if (!*value)
		return;
	html_element(html, "dt", NULL, "%s", name);
	html_element(html, "dd", NULL, "%s", value);
}

static void print_time(struct html *html, const char *name, double seconds)
{
	char text[32];

	snprintf(text, sizeof(text), "%.1f s", seconds);
	print_pair(html, name, seconds > 0 ? text : "");
}

static void print_complaints(struct html *html, struct json_object *complaints)
{
	if (!json_count(complaints))
		return;
	html_element(html, "h3", NULL, "The kernel complained");
	html_class(html, "ul", "complaints");
	for (size_t i = 0; i < json_count(complaints); i++)
		html_element(html, "li", NULL, "%s", json_text_at(complaints, i));
	html_end(html);
}

/* The verdict stands in the entry's head already; here, why, and whether that is right. */
static void print_outcome(struct html *html, const struct report_entry *entry)
{
	const char *reason = json_text(entry->result, "reason");

	if (entry->expectation == REPORT_OPEN && !*reason)
		return;
	html_class(html, "p", "outcome");
	section_verdict(html, entry->verdict);
	if (entry->expectation != REPORT_OPEN)
		html_element(html, "span", entry->expectation == REPORT_UNEXPECTED ? "unexpected" : "expected",
			     "%s", expectations[entry->expectation]);
	html_text(html, "%s", reason);
	html_end(html);
}

void section_story(struct html *html, struct report *report, const struct report_entry *entry,
		   const char *id)
{
	(void)report;
	(void)id;
	print_outcome(html, entry);
	html_begin(html, "dl");
	print_pair(html, "Kernel", entry->release);
	if (entry->known)
		print_pair(html, "Scenario", entry->known->summary);
	if (entry->known && entry->known->cycle)
		print_pair(html, "On a stock kernel", entry->known->cycle);
	print_time(html, "Time taken", json_real(entry->result, "seconds"));
	print_time(html, "Clock of the guest at the end", json_real(entry->result, "guest_seconds"));
	print_pair(html, "Files", entry->folder ? entry->folder : "");
	html_end(html);
	if (entry->broken)
		html_element(html, "p", "remark", "%zu record%s could not be read: cut off, or no JSON.",
			     entry->broken, entry->broken == 1 ? "" : "s");
	print_complaints(html, json_list(entry->result, "complaints"));
}
