// SPDX-License-Identifier: GPL-2.0-only
/*
 * timeline_axis.c - where a time stands in the picture
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "timeline.h"

#define GAP_PART 10		/* a gap of more than this part of all others is cut, */
#define CUT_PART 16		/* to this part of the width; at the end, where it is waited in vain, */
#define LAST_PART 4		/* to this one, as it says what for */
enum { ROUNDS = 3, TICKS = 9 };

static int by_size(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

/* All times at which something begins or ends, each once, in order. */
static size_t collect(const struct timeline *timeline, double *times)
{
	size_t count = 0, kept = 0;

	for (size_t i = 0; i < timeline->nitems; i++) {
		times[count++] = timeline->items[i].from;
		times[count++] = timeline->items[i].to;
	}
	qsort(times, count, sizeof(*times), by_size);
	for (size_t i = 0; i < count; i++)
		if (!kept || times[i] > times[kept - 1])
			times[kept++] = times[i];
	return kept;
}

static double sum_below(const double *times, size_t count, double limit)
{
	double sum = 0;

	for (size_t i = 1; i < count; i++)
		sum += fmin(times[i] - times[i - 1], limit);
	return sum;
}

/* The longest gap that is shown as it is.  Cutting some makes others long, hence the rounds. */
static double longest_shown(const struct timeline *timeline, const double *times, size_t count)
{
	double limit = INFINITY;

	for (int round = 0; round < ROUNDS && *timeline->unit; round++)
		limit = sum_below(times, count, limit) / GAP_PART;
	return *timeline->unit ? limit * 3 : INFINITY;
}

/* Neighbours that are not cut are one piece. */
static void add_piece(struct timeline_axis *axis, double from, double to, bool cut)
{
	struct timeline_piece *last = axis->count ? &axis->pieces[axis->count - 1] : NULL;

	if (last && !cut && !last->cut)
		last->to = to;
	else
		axis->pieces[axis->count++] = (struct timeline_piece){ .from = from, .to = to, .cut = cut };
}

static double cut_width(const struct timeline_axis *axis, size_t piece, double width)
{
	return width / (piece + 1 == axis->count ? LAST_PART : CUT_PART);
}

static void lay_out(struct timeline_axis *axis, double x, double width)
{
	double shown = 0, left = width;

	for (size_t i = 0; i < axis->count; i++) {
		if (axis->pieces[i].cut)
			left -= cut_width(axis, i, width);
		else
			shown += axis->pieces[i].to - axis->pieces[i].from;
	}
	for (size_t i = 0; i < axis->count; i++) {
		struct timeline_piece *piece = &axis->pieces[i];

		piece->x = x;
		piece->width = piece->cut ? cut_width(axis, i, width) :
			       shown > 0 ? left * (piece->to - piece->from) / shown : left;
		x += piece->width;
	}
	axis->step = shown / TICKS;
}

/* 1, 2 or 5 times a power of ten. */
static double round_step(double step)
{
	double power = pow(10, floor(log10(step))), digit = step / power;

	return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
}

int timeline_axis_init(struct timeline_axis *axis, const struct timeline *timeline, double x,
		       double width)
{
	double *times = calloc(2 * timeline->nitems + 2, sizeof(*times)), longest;
	size_t count;

	*axis = (struct timeline_axis){ .pieces = calloc(2 * timeline->nitems + 2, sizeof(*axis->pieces)) };
	if (!times || !axis->pieces) {
		free(times);
		timeline_axis_deinit(axis);
		return -ENOMEM;
	}
	count = collect(timeline, times);
	longest = longest_shown(timeline, times, count);
	for (size_t i = 1; i < count; i++)
		add_piece(axis, times[i - 1], times[i], times[i] - times[i - 1] > longest);
	if (count == 1)
		add_piece(axis, times[0], times[0], false);
	free(times);
	lay_out(axis, x, width);
	axis->step = !*timeline->unit ? 1 : axis->step > 0 ? round_step(axis->step) : 1;
	return 0;
}

void timeline_axis_deinit(struct timeline_axis *axis)
{
	free(axis->pieces);
	*axis = (struct timeline_axis){ .pieces = NULL };
}

double timeline_axis_x(const struct timeline_axis *axis, double time)
{
	const struct timeline_piece *piece = axis->pieces;
	double length;

	while (piece + 1 < axis->pieces + axis->count && time > piece->to)
		piece++;
	length = piece->to - piece->from;
	return length > 0 ? piece->x + piece->width * (time - piece->from) / length : piece->x;
}
