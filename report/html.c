// SPDX-License-Identifier: GPL-2.0-only
/*
 * html.c - writing HTML and SVG
 */
#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "slotgate/cleanup.h"

/* The length of the UTF-8 sequence at @text, 0 if there is none. */
static size_t sequence(const unsigned char *text)
{
	size_t length = *text < 0x80 ? 1 : (*text & 0xe0) == 0xc0 ? 2 : (*text & 0xf0) == 0xe0 ? 3 :
			(*text & 0xf8) == 0xf0 ? 4 : 0;

	for (size_t i = 1; i < length; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

static bool is_control(unsigned char byte)
{
	return (byte < ' ' && byte != '\n' && byte != '\t') || byte == 0x7f;
}

static const char *entity(char byte)
{
	switch (byte) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	}
	return NULL;
}

/* What is no text becomes U+FFFD: kernel logs may hold anything. */
static void escape(FILE *out, const char *text)
{
	while (*text) {
		size_t length = sequence((const unsigned char *)text);
		const char *name = entity(*text);

		if (name)
			fputs(name, out);
		else if (!length || is_control(*text))
			fputs("\xef\xbf\xbd", out);
		else
			fwrite(text, 1, length, out);
		text += length ? length : 1;
	}
}

static void put(FILE *out, const char *fmt, va_list args)
{
	sg_autofree char *text = NULL;

	if (vasprintf(&text, fmt, args) >= 0)
		escape(out, text);
	else
		text = NULL;
}

static void close_tag(struct html *html)
{
	if (html->in_tag)
		fputc('>', html->out);
	html->in_tag = false;
}

void html_begin(struct html *html, const char *tag)
{
	assert(html->depth < HTML_DEPTH);
	close_tag(html);
	fprintf(html->out, "<%s", tag);
	html->open[html->depth++] = tag;
	html->in_tag = true;
}

void html_attr(struct html *html, const char *name, const char *fmt, ...)
{
	va_list args;

	assert(html->in_tag);
	fprintf(html->out, " %s=\"", name);
	va_start(args, fmt);
	put(html->out, fmt, args);
	va_end(args);
	fputc('"', html->out);
}

void html_class(struct html *html, const char *tag, const char *names)
{
	html_begin(html, tag);
	html_attr(html, "class", "%s", names);
}

void html_text(struct html *html, const char *fmt, ...)
{
	va_list args;

	close_tag(html);
	va_start(args, fmt);
	put(html->out, fmt, args);
	va_end(args);
}

/* Lines end where nobody sees it, so that the source can be read as well. */
static bool ends_line(const char *tag)
{
	static const char *const tags[] = {
		"tr", "p", "div", "table", "section", "details", "h1", "h2", "h3", "ul", "li", "g", "svg",
		"summary", "dl", "dd", "pre", "thead", "tbody", "article", "nav", "label", NULL
	};

	for (const char *const *one = tags; *one; one++)
		if (!strcmp(*one, tag))
			return true;
	return false;
}

void html_end(struct html *html)
{
	const char *tag;

	assert(html->depth);
	close_tag(html);
	tag = html->open[--html->depth];
	fprintf(html->out, "</%s>%s", tag, ends_line(tag) ? "\n" : "");
}

void html_void(struct html *html)
{
	assert(html->depth);
	close_tag(html);
	html->depth--;
}

void html_element(struct html *html, const char *tag, const char *names, const char *fmt, ...)
{
	va_list args;

	html_begin(html, tag);
	if (names)
		html_attr(html, "class", "%s", names);
	close_tag(html);
	va_start(args, fmt);
	put(html->out, fmt, args);
	va_end(args);
	html_end(html);
}

void html_markup(struct html *html, const char *text, size_t size)
{
	close_tag(html);
	fwrite(text, 1, size, html->out);
}
