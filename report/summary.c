// SPDX-License-Identifier: GPL-2.0-only
/*
 * summary.c - all entries of a page at a glance: counts, board, list
 */
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "section.h"

enum { WORDS_MAX = 64 };

/** struct words - different ones, in the order in which they came */
struct words {
	const char *list[WORDS_MAX];
	size_t count;
};

static void words_add(struct words *words, const char *word)
{
	for (size_t i = 0; i < words->count; i++)
		if (!strcmp(words->list[i], word))
			return;
	if (words->count < WORDS_MAX && *word)
		words->list[words->count++] = word;
}

/** struct choice - entries that are alike; NULL: it does not matter */
struct choice {
	const char *subject, *release, *with, *verdict;
};

static bool fits(const char *want, const char *have)
{
	return !want || !strcmp(want, have);
}

static bool is_chosen(const struct choice *choice, const struct report_entry *entry)
{
	return fits(choice->subject, entry->subject) && fits(choice->release, entry->release) &&
	       fits(choice->with, entry->with) && fits(choice->verdict, entry->verdict);
}

/* How many there are; @first is the first of them. */
static size_t count(const struct report *report, const struct choice *choice, size_t *first)
{
	size_t found = 0;

	for (size_t i = report->count; i-- > 0;)
		if (is_chosen(choice, &report->entries[i])) {
			found++;
			*first = i;
		}
	return found;
}

static size_t count_unexpected(const struct report *report, const struct choice *choice)
{
	size_t found = 0;

	for (size_t i = 0; i < report->count; i++)
		found += is_chosen(choice, &report->entries[i]) &&
			 report->entries[i].expectation == REPORT_UNEXPECTED;
	return found;
}

static struct words verdicts_of(const struct report *report)
{
	struct words words = { .count = 0 };

	for (size_t i = 0; i < report->count; i++)
		words_add(&words, report->entries[i].verdict);
	return words;
}

/* Stock kernels first: that is what slotgate is compared with. */
static struct words kinds_of(const struct report *report)
{
	static const char *const kinds[] = { "stock", "slotgate" };
	struct words words = { .count = 0 };

	for (size_t kind = 0; kind < 2; kind++)
		for (size_t i = 0; i < report->count; i++)
			if (!strcmp(report->entries[i].with, kinds[kind]))
				words_add(&words, kinds[kind]);
	return words;
}

static int by_version(const void *a, const void *b)
{
	return strverscmp(*(const char *const *)a, *(const char *const *)b);
}

static struct words releases_of(const struct report *report)
{
	struct words words = { .count = 0 };

	for (size_t i = 0; i < report->count; i++)
		words_add(&words, report->entries[i].release);
	qsort(words.list, words.count, sizeof(*words.list), by_version);
	return words;
}

/* --- counts --- */

static void print_count(struct html *html, const struct report *report, const struct words *verdicts,
			const char *with)
{
	html_begin(html, "p");
	if (with)
		html_element(html, "b", NULL, "%s: ", with);
	for (size_t i = 0; i < verdicts->count; i++) {
		struct choice choice = { .with = with, .verdict = verdicts->list[i] };
		size_t first = 0, found = count(report, &choice, &first);

		if (!found)
			continue;
		html_text(html, "%zu ", found);
		section_verdict(html, verdicts->list[i]);
		html_text(html, " ");
	}
	html_end(html);
}

static void print_counts(struct html *html, const struct report *report)
{
	struct words verdicts = verdicts_of(report), kinds = kinds_of(report);
	size_t unexpected = count_unexpected(report, &(struct choice){ .with = NULL });

	for (size_t i = 0; i < kinds.count; i++)
		print_count(html, report, &verdicts, kinds.list[i]);
	if (!kinds.count)
		print_count(html, report, &verdicts, NULL);
	if (unexpected)
		html_element(html, "p", "unexpected", "%zu of %zu not as it should be", unexpected,
			     report->count);
}

/* --- the board --- */

static void print_cell(struct html *html, const struct report *report, const struct choice *cell)
{
	struct words verdicts = verdicts_of(report);
	size_t first = 0, all = count(report, cell, &first);

	html_begin(html, "td");
	if (count_unexpected(report, cell))
		html_attr(html, "class", "unexpected");
	for (size_t i = 0; i < verdicts.count; i++) {
		struct choice choice = *cell;
		size_t found;

		choice.verdict = verdicts.list[i];
		found = count(report, &choice, &first);
		if (!found)
			continue;
		html_begin(html, "a");
		html_attr(html, "href", "#entry-%zu", first + 1);
		section_verdict(html, verdicts.list[i]);
		html_end(html);
		html_text(html, all > 1 ? " %zu of %zu " : " ", found, all);
	}
	html_text(html, "%s", all ? "" : "–");
	html_end(html);
}

static void print_head(struct html *html, const struct words *releases, const struct words *kinds)
{
	html_begin(html, "thead");
	html_begin(html, "tr");
	html_begin(html, "th");
	html_attr(html, "rowspan", "2");
	html_text(html, "Scenario");
	html_end(html);
	for (size_t i = 0; i < releases->count; i++) {
		html_begin(html, "th");
		html_attr(html, "colspan", "%zu", kinds->count);
		html_text(html, "%s", releases->list[i]);
		html_end(html);
	}
	html_end(html);
	html_begin(html, "tr");
	for (size_t i = 0; i < releases->count; i++)
		for (size_t j = 0; j < kinds->count; j++)
			html_element(html, "th", NULL, "%s", kinds->list[j]);
	html_end(html);
	html_end(html);
}

static void print_row(struct html *html, const struct report *report, const char *subject,
		      const struct words *releases, const struct words *kinds)
{
	html_begin(html, "tr");
	html_begin(html, "th");
	html_attr(html, "scope", "row");
	html_text(html, "%s", subject);
	html_end(html);
	for (size_t i = 0; i < releases->count; i++)
		for (size_t j = 0; j < kinds->count; j++)
			print_cell(html, report, &(struct choice){ .subject = subject,
				   .release = releases->list[i], .with = kinds->list[j] });
	html_end(html);
}

static void print_board(struct html *html, const struct report *report)
{
	struct words subjects = { .count = 0 }, releases = releases_of(report), kinds = kinds_of(report);

	for (size_t i = 0; i < report->count; i++)
		words_add(&subjects, report->entries[i].subject);
	if (subjects.count * releases.count < 2 || !kinds.count)
		return;
	html_element(html, "h2", NULL, "Board");
	html_class(html, "div", "scroll");
	html_attr(html, "tabindex", "0");
	html_class(html, "table", "board");
	print_head(html, &releases, &kinds);
	html_begin(html, "tbody");
	for (size_t i = 0; i < subjects.count; i++)
		print_row(html, report, subjects.list[i], &releases, &kinds);
	html_end(html);
	html_end(html);
	html_end(html);
}

/* --- the list --- */

static void print_radio(struct html *html, const char *group, const char *word, bool checked)
{
	html_begin(html, "label");
	html_begin(html, "input");
	html_attr(html, "type", "radio");
	html_attr(html, "name", "%s", group);
	html_attr(html, "id", "%s-%s", group, word);
	if (checked)
		html_attr(html, "checked", "%s", "");
	html_void(html);
	html_text(html, " %s", word);
	html_end(html);
}

static void print_filter(struct html *html, const char *group, const char *legend, const struct words *words)
{
	if (words->count < 2)
		return;
	html_begin(html, "fieldset");
	html_element(html, "legend", NULL, "%s", legend);
	print_radio(html, group, "all", true);
	for (size_t i = 0; i < words->count; i++)
		print_radio(html, group, words->list[i], false);
	html_end(html);
}

static void print_filters(struct html *html, const struct report *report)
{
	struct words verdicts = verdicts_of(report), kinds = kinds_of(report);
	struct words expected = { .list = { "expected", "unexpected" }, .count = 2 };
	size_t unexpected = count_unexpected(report, &(struct choice){ .with = NULL });

	if (!unexpected || unexpected == report->count)
		expected.count = 0;
	html_class(html, "div", "filters");
	print_filter(html, "verdict", "Verdict", &verdicts);
	print_filter(html, "with", "Kernel", &kinds);
	print_filter(html, "as", "As it should be", &expected);
	html_end(html);
}

static void print_entry(struct html *html, const struct report_entry *entry, size_t number)
{
	html_begin(html, "tr");
	html_attr(html, "data-verdict", "%s", entry->verdict);
	html_attr(html, "data-with", "%s", entry->with);
	html_attr(html, "data-as", "%s", entry->expectation == REPORT_UNEXPECTED ? "unexpected" : "expected");
	html_begin(html, "td");
	html_attr(html, "class", entry->expectation == REPORT_UNEXPECTED ? "unexpected" : "");
	section_verdict(html, entry->verdict);
	html_end(html);
	html_class(html, "td", "what");
	html_begin(html, "a");
	html_attr(html, "href", "#entry-%zu", number);
	html_text(html, "%s", entry->title);
	html_end(html);
	html_end(html);
	html_element(html, "td", NULL, "%s", entry->release);
	if (entry->result)
		html_element(html, "td", "number", "%.1f", json_real(entry->result, "seconds"));
	else
		html_element(html, "td", NULL, "–");
	html_begin(html, "td");
	html_text(html, "%s", json_text(entry->result, "reason"));
	if (entry->prediction)
		html_text(html, "%lld predicted", json_number(entry->prediction, "predicted"));
	html_end(html);
	html_end(html);
}

static void print_list(struct html *html, const struct report *report)
{
	static const char *const columns[] = { "Verdict", "What", "Kernel", "#Seconds", "Reason", NULL };

	html_element(html, "h2", NULL, "All %zu", report->count);
	print_filters(html, report);
	section_table(html, columns);
	for (size_t i = 0; i < report->count; i++)
		print_entry(html, &report->entries[i], i + 1);
	section_table_end(html);
}

void summary_print(struct html *html, const struct report *report)
{
	if (report->count < 2)
		return;
	print_counts(html, report);
	print_board(html, report);
	print_list(html, report);
}
