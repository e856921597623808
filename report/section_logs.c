// SPDX-License-Identifier: GPL-2.0-only
/*
 * section_logs.c - what the kernel said: the lines that matter of the logs that a run left
 */
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "section.h"
#include "slotgate/cleanup.h"
#include "slotgate/strv.h"

enum { LINES_SHOWN = 120, BEFORE = 5 };

/* What of each is shown begins a few lines before the first of its words, else near its end. */
static const struct {
	const char *file, *what;
	const char *begins[4];
} logs[] = {
	{ "hung-task.log", "The kernel's own report of blocked tasks", { "INFO: task ", "BUG:", "WARNING:" } },
	{ "sysrq-w.log", "Blocked tasks, asked for by the magic key w", { "Show Blocked State" } },
	{ "dmesg.log", "Kernel log", { "Show Blocked State", "INFO: task ", "BUG:", "WARNING:" } },
	{ "console.log", "Console", { "BUG:", "WARNING:", "Oops", "INFO: task " } },
};

static const char *const alarms[] = {
	"INFO: task ", "BUG:", "WARNING:", "Oops", "blocked for more than", "KASAN", "Call Trace", NULL
};

static bool has_one(const char *line, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count && words[i]; i++)
		if (strstr(line, words[i]))
			return true;
	return false;
}

static size_t first_line(const struct sg_strv *lines, const char *const *words, size_t count)
{
	for (size_t i = 0; i < lines->count; i++)
		if (has_one(lines->items[i], words, count))
			return i > BEFORE ? i - BEFORE : 0;
	return lines->count > LINES_SHOWN / 2 ? lines->count - LINES_SHOWN / 2 : 0;
}

static void split(char *text, struct sg_strv *ret)
{
	char *save = NULL;

	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		sg_strv_add(ret, "%.*s", (int)strcspn(line, "\r"), line);
}

static void print_lines(struct html *html, const struct sg_strv *lines, size_t first, size_t last)
{
	html_class(html, "pre", "log");
	html_attr(html, "tabindex", "0");
	for (size_t i = first; i < last; i++) {
		if (has_one(lines->items[i], alarms, sizeof(alarms) / sizeof(*alarms)))
			html_element(html, "mark", NULL, "%s", lines->items[i]);
		else
			html_text(html, "%s", lines->items[i]);
		html_text(html, "\n");
	}
	html_end(html);
}

static void print_excerpt(struct html *html, const char *what, const char *file, char *text,
			  const char *const *words, size_t count)
{
	sg_cleanup(sg_strv_deinit) struct sg_strv lines = {0};
	size_t first, last;

	split(text, &lines);
	if (!lines.count)
		return;
	first = first_line(&lines, words, count);
	last = first + LINES_SHOWN < lines.count ? first + LINES_SHOWN : lines.count;
	section_fold(html, false, "%s: lines %zu to %zu of %zu in %s", what, first + 1, last, lines.count, file);
	print_lines(html, &lines, first, last);
	html_end(html);
}

static void print_file(struct html *html, const char *folder, size_t index)
{
	sg_autofree char *path = sg_format("%s/%s", folder, logs[index].file), *text = NULL;
	size_t size;

	if (!path || sg_file_read(path, &text, &size))
		return;
	print_excerpt(html, logs[index].what, logs[index].file, text, logs[index].begins, 4);
}

static void print_plan(struct html *html, const char *folder, const char *name)
{
	sg_autofree char *path = sg_format("%s/%s", folder, name), *text = NULL;
	size_t size;

	if (!path || sg_file_read(path, &text, &size))
		return;
	section_fold(html, false, "The plan");
	html_element(html, "pre", NULL, "%s", text);
	html_end(html);
}

/* The last lines of the log that a guest sent with its complaint. */
static void print_sent(struct html *html, struct json_object *records)
{
	sg_cleanup(sg_strv_deinit) struct sg_strv lines = {0};
	struct json_object *log = NULL;

	for (size_t i = 0; i < json_count(records); i++)
		if (json_count(json_list(json_at(records, i), "log")))
			log = json_list(json_at(records, i), "log");
	for (size_t i = 0; i < json_count(log); i++)
		sg_strv_add(&lines, "%s", json_text_at(log, i));
	if (!lines.count)
		return;
	section_fold(html, false, "The last %zu lines of the kernel log when the run ended", lines.count);
	print_lines(html, &lines, 0, lines.count);
	html_end(html);
}

void section_logs(struct html *html, struct report *report, const struct report_entry *entry,
		  const char *id)
{
	struct json_object *records = entry->records;

	(void)report;
	(void)id;
	if (!entry->folder && !records)
		return;
	html_element(html, "h3", NULL, "Kernel log and plan");
	for (size_t i = 0; entry->folder && i < sizeof(logs) / sizeof(*logs); i++)
		print_file(html, entry->folder, i);
	print_sent(html, records);
	if (!entry->folder)
		return;
	print_plan(html, entry->folder, "plan");
	print_plan(html, entry->folder, "plan.txt");
}
