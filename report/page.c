// SPDX-License-Identifier: GPL-2.0-only
/*
 * page.c - the whole page: page.html with style.css and the parts of all entries in their places
 */
#include <errno.h>
#include <string.h>

#include "json.h"
#include "section.h"

static const char frame[] =
#include "page.html.h"
;
static const char style[] =
#include "style.css.h"
;

static void (*const sections[])(struct html *html, struct report *report,
				const struct report_entry *entry, const char *id) = {
	section_story, section_hang, section_prediction, section_course, section_slots, section_figures,
	section_logs,
};

/* The id stands inside of what is folded, so that a link to it unfolds. */
static void print_entry(struct html *html, struct report *report, size_t index)
{
	const struct report_entry *entry = &report->entries[index];
	char id[32];

	snprintf(id, sizeof(id), "entry-%zu", index + 1);
	html_class(html, "details", "entry");
	html_attr(html, "data-verdict", "%s", entry->verdict);
	html_attr(html, "data-with", "%s", entry->with);
	html_attr(html, "data-as", "%s", entry->expectation == REPORT_UNEXPECTED ? "unexpected" : "expected");
	if (report->count == 1)
		html_attr(html, "open", "%s", "");
	html_begin(html, "summary");
	section_verdict(html, entry->verdict);
	html_element(html, "h2", NULL, "%s", entry->title);
	if (entry->result && json_number(entry->prediction, "predicted"))
		section_verdict(html, "predicted");
	html_end(html);
	html_begin(html, "div");
	html_attr(html, "id", "%s", id);
	for (size_t i = 0; i < sizeof(sections) / sizeof(*sections); i++)
		sections[i](html, report, entry, id);
	html_end(html);
	html_end(html);
}

static int print_content(struct html *html, struct report *report, struct sg_error *err)
{
	html_element(html, "h1", NULL, "%s", report->title);
	html_element(html, "p", "made", "%s", report->made);
	summary_print(html, report);
	for (size_t i = 0; i < report->count; i++) {
		if (sg_watch_stopped(report->watch))
			return sg_error_set(err, -EINTR, "interrupted");
		if (report->count > 1)
			sg_watch_say(report->watch, "%zu of %zu: %s", i + 1, report->count,
				     report->entries[i].title);
		print_entry(html, report, i);
	}
	return 0;
}

/* --- the frame --- */

struct page {
	struct html html;
	struct report *report;
	struct sg_error *err;
};

static int put_title(struct page *page)
{
	html_text(&page->html, "%s", page->report->title);
	return 0;
}

static int put_style(struct page *page)
{
	html_markup(&page->html, style, strlen(style));
	return 0;
}

static int put_content(struct page *page)
{
	return print_content(&page->html, page->report, page->err);
}

static const struct {
	const char *mark;
	int (*put)(struct page *page);
} places[] = {
	{ "@TITLE@", put_title }, { "@STYLE@", put_style }, { "@CONTENT@", put_content },
};

/* The first mark at or after @at, its end in @after. */
static const char *next_mark(const char *at, size_t *place, const char **after)
{
	const char *first = NULL;

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		const char *mark = strstr(at, places[i].mark);

		if (mark && (!first || mark < first)) {
			first = mark;
			*place = i;
			*after = mark + strlen(places[i].mark);
		}
	}
	return first;
}

int report_write(FILE *out, struct report *report, struct sg_error *err)
{
	struct page page = { .html = { .out = out }, .report = report, .err = err };
	const char *at = frame, *mark, *after = NULL;
	size_t place = 0;
	int code = 0;

	while (!code && (mark = next_mark(at, &place, &after))) {
		html_markup(&page.html, at, mark - at);
		code = places[place].put(&page);
		at = after;
	}
	html_markup(&page.html, at, strlen(at));
	if (!code && ferror(out))
		code = sg_error_set(err, -EIO, "cannot write the page");
	return code;
}
