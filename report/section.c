// SPDX-License-Identifier: GPL-2.0-only
/*
 * section.c - what the parts of a page share
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "section.h"
#include "slotgate/cleanup.h"

/* Signs, so that nothing is told by colour alone. */
static const struct {
	const char *verdict, *sign, *tone;
} verdicts[] = {
	{ "passed", "✓", "good" }, { "refuted", "✓", "good" }, { "nothing", "✓", "good" },
	{ "hung", "■", "bad" }, { "crashed", "✖", "bad" }, { "wrong", "▲", "bad" },
	{ "predicted", "▲", "bad" }, { "failed", "!", "bad" }, { "stuck", "■", "bad" },
	{ "lost", "?", "doubt" }, { "unknown", "?", "doubt" }, { "unfinished", "…", "doubt" },
	{ "stopped", "…", "doubt" }, { "skipped", "–", "quiet" },
};

void section_verdict(struct html *html, const char *verdict)
{
	const char *sign = "?", *tone = "doubt";

	for (size_t i = 0; i < sizeof(verdicts) / sizeof(*verdicts); i++)
		if (!strcmp(verdicts[i].verdict, verdict)) {
			sign = verdicts[i].sign;
			tone = verdicts[i].tone;
		}
	html_begin(html, "span");
	html_attr(html, "class", "chip %s", tone);
	html_begin(html, "span");
	html_attr(html, "aria-hidden", "true");
	html_text(html, "%s", sign);
	html_end(html);
	html_text(html, " %s", *verdict ? verdict : "no verdict");
	html_end(html);
}

void section_table(struct html *html, const char *const *columns)
{
	html_class(html, "div", "scroll");
	html_attr(html, "tabindex", "0");
	html_begin(html, "table");
	html_begin(html, "thead");
	html_begin(html, "tr");
	for (; *columns; columns++) {
		bool number = **columns == '#';

		html_begin(html, "th");
		html_attr(html, "scope", "col");
		if (number)
			html_attr(html, "class", "number");
		html_text(html, "%s", *columns + number);
		html_end(html);
	}
	html_end(html);
	html_end(html);
	html_begin(html, "tbody");
}

void section_table_end(struct html *html)
{
	html_end(html);
	html_end(html);
	html_end(html);
}

void section_fold(struct html *html, bool open, const char *fmt, ...)
{
	sg_autofree char *text = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	html_begin(html, "details");
	if (open)
		html_attr(html, "open", "%s", "");
	html_element(html, "summary", NULL, "%s", text ? text : "");
}
