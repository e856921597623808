/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * timeline.h - who did what when: spans and marks on lanes, and their picture
 *
 * Time that nothing begins or ends in is cut where it is long; the picture
 * says how much was cut.
 */
#ifndef REPORT_TIMELINE_H
#define REPORT_TIMELINE_H

#include <stdbool.h>

#include "html.h"

/** enum timeline_kind - how it looks; marks are moments */
enum timeline_kind {
	TIMELINE_STEP,		/* an operation of the plan */
	TIMELINE_RUN,		/* a process or task is there, or does something */
	TIMELINE_HOLD,
	TIMELINE_WAIT,
	TIMELINE_STUCK,		/* and it did not go on */
	TIMELINE_NOTE,		/* marks from here on */
	TIMELINE_REFUSED,
	TIMELINE_KINDS
};

/** enum timeline_group - lanes of one kind stand together, in this order */
enum timeline_group { TIMELINE_PLAN, TIMELINE_TASKS, TIMELINE_LOCKS, TIMELINE_SLOTS, TIMELINE_GROUPS };

struct timeline_item {
	size_t lane;
	enum timeline_kind kind;
	double from, to;
	char *text;
	unsigned int row;	/* of those of the lane, where items overlap */
};

struct timeline_lane {
	enum timeline_group group;
	char *name;
	unsigned int rows;
	bool marked;		/* has marks */
};

/**
 * struct timeline - begin with zeros
 * @unit: of the axis: "s", or "" for steps, which are counted and never cut
 * @err:  first error; later additions do nothing
 */
struct timeline {
	const char *unit;
	struct timeline_lane *lanes;
	size_t nlanes;
	struct timeline_item *items;
	size_t nitems;
	int err;
};

void timeline_deinit(struct timeline *timeline);

/** timeline_add - marks have no @to: it is the same as @from */
void timeline_add(struct timeline *timeline, enum timeline_group group, const char *lane,
		  enum timeline_kind kind, double from, double to, const char *fmt, ...)
	html_format(7, 8);

/** timeline_print - the picture, with a legend; nothing for an empty one */
void timeline_print(struct html *html, struct timeline *timeline, const char *label);

/* --- the axis --- */

/** struct timeline_piece - a part of the axis; @cut: longer than it looks */
struct timeline_piece {
	double from, to;
	double x, width;
	bool cut;
};

struct timeline_axis {
	struct timeline_piece *pieces;
	size_t count;
	double step;		/* between ticks */
};

/** timeline_axis_init - for all times of @timeline, from @x on and @width wide */
int timeline_axis_init(struct timeline_axis *axis, const struct timeline *timeline, double x,
		       double width);
void timeline_axis_deinit(struct timeline_axis *axis);
double timeline_axis_x(const struct timeline_axis *axis, double time);

#endif
