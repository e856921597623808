// SPDX-License-Identifier: GPL-2.0-only
/*
 * timeline_svg.c - the picture of a time line
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "course.h"
#include "slotgate/cleanup.h"
#include "timeline.h"

enum {
	WIDTH = 1060, LEFT = 220, RIGHT = 16, NAME = 33,
	TOP = 34, ROW = 18, BAR = 14, GAP = 5, HEADING = 22,
	LETTER = 6,		/* about the width of one */
	PIXEL = 1,		/* bars are at least that wide */
};

static const struct {
	const char *class, *legend;
} looks[TIMELINE_KINDS] = {
	[TIMELINE_STEP] = { "step", "operation of the plan" },
	[TIMELINE_RUN] = { "run", "at work" },
	[TIMELINE_HOLD] = { "hold", "holds" },
	[TIMELINE_WAIT] = { "wait", "waits" },
	[TIMELINE_STUCK] = { "stuck", "does not go on" },
	[TIMELINE_NOTE] = { "note", "event" },
	[TIMELINE_REFUSED] = { "refused", "refused or put off" },
};

static const char *const group_names[TIMELINE_GROUPS] = {
	[TIMELINE_PLAN] = "Plan", [TIMELINE_TASKS] = "Tasks", [TIMELINE_LOCKS] = "Locks",
	[TIMELINE_SLOTS] = "Slots",
};

static bool is_mark(const struct timeline_item *item)
{
	return item->kind >= TIMELINE_NOTE;
}

/* --- rows --- */

static int by_lane_and_time(const void *a, const void *b, void *data)
{
	const struct timeline_item *left = a, *right = b;
	const struct timeline *sorted = data;
	const struct timeline_lane *one = &sorted->lanes[left->lane], *other = &sorted->lanes[right->lane];
	int order = (int)one->group - (int)other->group;

	if (!order)
		order = strverscmp(one->name, other->name);
	if (!order && left->from != right->from)
		order = left->from < right->from ? -1 : 1;
	return order ? order : (left->to < right->to) - (left->to > right->to);
}

/* Each item in the first row that is free by then; one that takes no room needs none. */
static void assign_rows(struct timeline *timeline)
{
	enum { ROWS = 8 };
	double busy[ROWS] = { 0 };
	size_t lane = SIZE_MAX;

	for (size_t i = 0; i < timeline->nitems; i++) {
		struct timeline_item *item = &timeline->items[i];
		unsigned int row = 0;

		if (item->lane != lane)
			for (int j = 0; j < ROWS; j++)
				busy[j] = -INFINITY;
		lane = item->lane;
		timeline->lanes[lane].marked |= is_mark(item);
		if (is_mark(item))
			continue;
		while (item->to > item->from && row + 1 < ROWS && busy[row] > item->from)
			row++;
		item->row = row;
		busy[row] = fmax(busy[row], item->to);
		if (timeline->lanes[lane].rows < row + 1)
			timeline->lanes[lane].rows = row + 1;
	}
}

/* --- drawing --- */

struct picture {
	struct html *html;
	const struct timeline *timeline;
	struct timeline_axis axis;
	double y;
	double height;
};

static double lane_height(const struct timeline_lane *lane)
{
	return (lane->rows + lane->marked) * ROW + GAP;
}

static double height_of(const struct timeline *timeline)
{
	bool has[TIMELINE_GROUPS] = { false };
	double height = TOP + GAP;

	for (size_t i = 0; i < timeline->nlanes; i++) {
		height += lane_height(&timeline->lanes[i]);
		has[timeline->lanes[i].group] = true;
	}
	for (int i = 0; i < TIMELINE_GROUPS; i++)
		height += has[i] ? HEADING : 0;
	return height;
}

static void text_at(struct html *html, const char *class, double x, double y, const char *text)
{
	html_class(html, "text", class);
	html_attr(html, "x", "%.1f", x);
	html_attr(html, "y", "%.1f", y);
	html_text(html, "%s", text);
	html_end(html);
}

static void rect(struct html *html, const char *class, double x, double y, double width, double height)
{
	html_class(html, "rect", class);
	html_attr(html, "x", "%.1f", x);
	html_attr(html, "y", "%.1f", y);
	html_attr(html, "width", "%.1f", width);
	html_attr(html, "height", "%.1f", height);
	html_end(html);
}

static void vertical(struct html *html, const char *class, double x, double from, double to)
{
	html_class(html, "line", class);
	html_attr(html, "x1", "%.1f", x);
	html_attr(html, "x2", "%.1f", x);
	html_attr(html, "y1", "%.1f", from);
	html_attr(html, "y2", "%.1f", to);
	html_end(html);
}

/* As many digits as a step of the axis needs. */
static void print_tick(struct picture *picture, double time)
{
	double x = timeline_axis_x(&picture->axis, time), step = picture->axis.step;
	int digits = step >= 1 ? 0 : (int)ceil(-log10(step) - 1e-9);
	char text[32];

	if (!*picture->timeline->unit)
		snprintf(text, sizeof(text), "%.0f", time + 1);
	else
		snprintf(text, sizeof(text), "%.*f %s", digits, time, picture->timeline->unit);
	vertical(picture->html, "grid", x, TOP - 8, picture->height);
	text_at(picture->html, "tick", x, TOP - 14, text);
}

static void print_cut(struct picture *picture, const struct timeline_piece *piece)
{
	char text[32];

	snprintf(text, sizeof(text), "%.*f %s", piece->to - piece->from < 10, piece->to - piece->from,
		 picture->timeline->unit);
	rect(picture->html, "cut", piece->x, TOP - 8, piece->width, picture->height - TOP + 8);
	text_at(picture->html, "tick cut-length", piece->x + piece->width / 2, TOP - 14, text);
}

/* The last of counted steps, the wait, takes two. */
static bool is_within_wait(const struct picture *picture, double time)
{
	const struct timeline_piece *last = &picture->axis.pieces[picture->axis.count - 1];

	return !*picture->timeline->unit && time > last->to - COURSE_WAIT;
}

/* @last: where the one before it stands; ticks keep off each other and off what is cut. */
static double print_ticks(struct picture *picture, const struct timeline_piece *piece, double last)
{
	bool is_last = piece + 1 == picture->axis.pieces + picture->axis.count;
	double step = picture->axis.step;
	long first = lround(ceil(piece->from / step)), end = lround(floor(piece->to / step));

	for (long tick = first; tick <= end; tick++) {
		double x = timeline_axis_x(&picture->axis, tick * step);

		if (x < last + 46 || is_within_wait(picture, tick * step) ||
		    (!is_last && x > piece->x + piece->width - 30))
			continue;
		print_tick(picture, tick * step);
		last = x;
	}
	return last;
}

static void print_axis(struct picture *picture)
{
	double last = -INFINITY;

	for (size_t i = 0; i < picture->axis.count; i++) {
		const struct timeline_piece *piece = &picture->axis.pieces[i];

		if (piece->cut) {
			print_cut(picture, piece);
			last = piece->x + piece->width;
		} else {
			last = print_ticks(picture, piece, last);
		}
	}
}

/* As much of the text as fits, dots being two letters wide; a letter or two would tell nothing. */
static void print_label(struct html *html, double x, double y, double width, const char *text)
{
	int room = (int)((width - 8) / LETTER), length = (int)strlen(text);
	sg_autofree char *label = NULL;

	if (room < 3)
		return;
	if (asprintf(&label, "%.*s%s", length > room ? room - 2 : length, text, length > room ? "…" : "") < 0)
		label = NULL;
	text_at(html, "label", x + 3, y + BAR - 3, label ? label : "");
}

static void begin_item(struct picture *picture, const struct timeline_item *item)
{
	const char *unit = picture->timeline->unit;

	html_begin(picture->html, "g");
	html_attr(picture->html, "class", "%s", looks[item->kind].class);
	html_begin(picture->html, "title");
	if (*unit && is_mark(item))
		html_text(picture->html, "%.3f %s: ", item->from, unit);
	else if (*unit)
		html_text(picture->html, "%.3f to %.3f %s (%.3f %s): ", item->from, item->to, unit,
			  item->to - item->from, unit);
	html_text(picture->html, "%s", item->text);
	html_end(picture->html);
}

static void print_span(struct picture *picture, const struct timeline_item *item)
{
	double x = timeline_axis_x(&picture->axis, item->from);
	double width = fmax(timeline_axis_x(&picture->axis, item->to) - x, PIXEL);
	double y = picture->y + item->row * ROW;

	begin_item(picture, item);
	rect(picture->html, "bar", x, y, width, BAR);
	print_label(picture->html, x, y, width, item->text);
	html_end(picture->html);
}

/* A triangle that points to the moment; a cross where something was refused. */
static void print_mark(struct picture *picture, const struct timeline_item *item)
{
	double x = timeline_axis_x(&picture->axis, item->from);
	double y = picture->y + picture->timeline->lanes[item->lane].rows * ROW;
	const char *shape = item->kind == TIMELINE_REFUSED ? "m-4 2l8 8m0 -8l-8 8" : "l4.5 9h-9z";

	begin_item(picture, item);
	html_begin(picture->html, "path");
	html_attr(picture->html, "d", "M%.1f %.1f%s", x, y, shape);
	html_end(picture->html);
	html_end(picture->html);
}

/* What would be no wider than what stands there already is not drawn a second time. */
static bool is_hidden(const struct picture *picture, const struct timeline_item *item, double drawn)
{
	double end = timeline_axis_x(&picture->axis, item->to);

	return !is_mark(item) && end < drawn + 0.5 && end - timeline_axis_x(&picture->axis, item->from) < 0.5;
}

/* A long name is cut in the middle: its beginning and its end tell most. */
static void print_name(struct picture *picture, const char *name)
{
	int length = (int)strlen(name), half = NAME / 2;
	char text[64];

	if (length <= NAME)
		snprintf(text, sizeof(text), "%s", name);
	else
		snprintf(text, sizeof(text), "%.*s…%s", half, name, name + length - half + 1);
	html_begin(picture->html, "g");
	html_element(picture->html, "title", NULL, "%s", name);
	text_at(picture->html, "lane", LEFT - 8, picture->y + BAR - 3, text);
	html_end(picture->html);
}

static size_t print_lane(struct picture *picture, size_t first)
{
	const struct timeline *timeline = picture->timeline;
	const struct timeline_lane *lane = &timeline->lanes[timeline->items[first].lane];
	double drawn = -INFINITY;
	size_t i = first;

	html_begin(picture->html, "g");
	print_name(picture, lane->name);
	for (; i < timeline->nitems && timeline->items[i].lane == timeline->items[first].lane; i++) {
		const struct timeline_item *item = &timeline->items[i];

		if (is_hidden(picture, item, drawn))
			continue;
		if (is_mark(item)) {
			print_mark(picture, item);
			continue;
		}
		print_span(picture, item);
		drawn = timeline_axis_x(&picture->axis, item->to);
	}
	html_end(picture->html);
	picture->y += lane_height(lane);
	return i;
}

static void print_lanes(struct picture *picture)
{
	const struct timeline *timeline = picture->timeline;
	int group = -1;

	for (size_t i = 0; i < timeline->nitems;) {
		const struct timeline_lane *lane = &timeline->lanes[timeline->items[i].lane];

		if ((int)lane->group != group) {
			group = lane->group;
			text_at(picture->html, "group", 2, picture->y + 15, group_names[group]);
			picture->y += HEADING;
		}
		i = print_lane(picture, i);
	}
}

static void print_legend(struct html *html, const struct timeline *timeline)
{
	bool has[TIMELINE_KINDS] = { false };

	for (size_t i = 0; i < timeline->nitems; i++)
		has[timeline->items[i].kind] = true;
	html_class(html, "ul", "legend");
	for (int kind = 0; kind < TIMELINE_KINDS; kind++) {
		if (!has[kind])
			continue;
		html_begin(html, "li");
		html_begin(html, "span");
		html_attr(html, "class", "key %s", looks[kind].class);
		html_text(html, "%s", kind == TIMELINE_NOTE ? "▲" : kind == TIMELINE_REFUSED ? "✕" : "");
		html_end(html);
		html_text(html, "%s", looks[kind].legend);
		html_end(html);
	}
	html_end(html);
}

void timeline_print(struct html *html, struct timeline *timeline, const char *label)
{
	struct picture picture = { .html = html, .timeline = timeline, .y = TOP };

	if (!timeline->nitems || timeline->err)
		return;
	qsort_r(timeline->items, timeline->nitems, sizeof(*timeline->items), by_lane_and_time, timeline);
	assign_rows(timeline);
	if (timeline_axis_init(&picture.axis, timeline, LEFT, WIDTH - LEFT - RIGHT))
		return;
	picture.height = height_of(timeline);
	print_legend(html, timeline);
	html_class(html, "div", "scroll");
	html_attr(html, "tabindex", "0");
	html_class(html, "svg", "timeline");
	html_attr(html, "width", "%d", WIDTH);
	html_attr(html, "height", "%.0f", picture.height);
	html_attr(html, "role", "img");
	html_attr(html, "aria-label", "%s", label);
	print_axis(&picture);
	print_lanes(&picture);
	html_end(html);
	html_end(html);
	timeline_axis_deinit(&picture.axis);
}
