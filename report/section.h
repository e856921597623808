/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * section.h - the parts of a page
 *
 * Each prints nothing where its entry has nothing to show.  @id is unique in
 * the page and begins all ids of the entry.
 */
#ifndef REPORT_SECTION_H
#define REPORT_SECTION_H

#include "html.h"
#include "report.h"

void section_story(struct html *html, struct report *report, const struct report_entry *entry,
		   const char *id);
void section_hang(struct html *html, struct report *report, const struct report_entry *entry,
		  const char *id);
void section_prediction(struct html *html, struct report *report, const struct report_entry *entry,
			const char *id);
void section_course(struct html *html, struct report *report, const struct report_entry *entry,
		    const char *id);
void section_slots(struct html *html, struct report *report, const struct report_entry *entry,
		   const char *id);
void section_figures(struct html *html, struct report *report, const struct report_entry *entry,
		     const char *id);
void section_logs(struct html *html, struct report *report, const struct report_entry *entry,
		  const char *id);

/** summary_print - counts, the board if there is one, and the list of entries with its filters */
void summary_print(struct html *html, const struct report *report);

/* --- what they share --- */

/** section_verdict - a word with its sign and colour */
void section_verdict(struct html *html, const char *verdict);

/** section_table - begin a table that scrolls; the columns are words up to a NULL, "#" in front for numbers */
void section_table(struct html *html, const char *const *columns);
void section_table_end(struct html *html);

/** section_fold - begin something that is folded; ended by html_end() */
void section_fold(struct html *html, bool open, const char *fmt, ...) html_format(3, 4);

#endif
