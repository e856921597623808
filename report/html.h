/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * html.h - writing HTML and SVG: nested as it should be, all text escaped
 *
 * Elements are begun and ended; text and attributes come in between.  What was
 * begun last is ended first, so nothing can be left open in the wrong order.
 */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include <stdbool.h>
#include <stdio.h>

enum { HTML_DEPTH = 32 };

/** struct html - begin with { .out = FILE } */
struct html {
	FILE *out;
	const char *open[HTML_DEPTH];
	unsigned int depth;
	bool in_tag;
};

#define html_format(fmt, args) __attribute__((format(printf, fmt, args)))

/** html_begin - an element; @tag has to live until its end */
void html_begin(struct html *html, const char *tag);
/** html_attr - of the element that was begun last, before it has any content */
void html_attr(struct html *html, const char *name, const char *fmt, ...) html_format(3, 4);
/** html_class - the same as html_begin() and the attribute class */
void html_class(struct html *html, const char *tag, const char *names);
void html_text(struct html *html, const char *fmt, ...) html_format(2, 3);
void html_end(struct html *html);
/** html_void - end an element that has no end tag, such as <input> */
void html_void(struct html *html);

/** html_element - a whole one with nothing but text; @names of classes may be NULL */
void html_element(struct html *html, const char *tag, const char *names, const char *fmt, ...)
	html_format(4, 5);

/** html_markup - what is HTML or SVG already */
void html_markup(struct html *html, const char *text, size_t size);

#endif
