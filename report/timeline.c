// SPDX-License-Identifier: GPL-2.0-only
/*
 * timeline.c - spans and marks on lanes
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "timeline.h"

void timeline_deinit(struct timeline *timeline)
{
	for (size_t i = 0; i < timeline->nitems; i++)
		free(timeline->items[i].text);
	for (size_t i = 0; i < timeline->nlanes; i++)
		free(timeline->lanes[i].name);
	free(timeline->items);
	free(timeline->lanes);
	*timeline = (struct timeline){ .unit = timeline->unit };
}

/* The lane's index; a new one is added. */
static size_t lane_of(struct timeline *timeline, enum timeline_group group, const char *name)
{
	struct timeline_lane *lanes;
	size_t i = 0;

	while (i < timeline->nlanes &&
	       (timeline->lanes[i].group != group || strcmp(timeline->lanes[i].name, name)))
		i++;
	if (i < timeline->nlanes)
		return i;
	lanes = reallocarray(timeline->lanes, i + 1, sizeof(*lanes));
	if (lanes) {
		timeline->lanes = lanes;
		lanes[i] = (struct timeline_lane){ .group = group, .name = strdup(name) };
	}
	if (!lanes || !lanes[i].name)
		timeline->err = -ENOMEM;
	else
		timeline->nlanes++;
	return i;
}

void timeline_add(struct timeline *timeline, enum timeline_group group, const char *lane,
		  enum timeline_kind kind, double from, double to, const char *fmt, ...)
{
	struct timeline_item *items = reallocarray(timeline->items, timeline->nitems + 1, sizeof(*items));
	struct timeline_item item = { .kind = kind, .from = from, .to = to < from ? from : to };
	va_list args;

	if (!items) {
		timeline->err = -ENOMEM;
		return;
	}
	timeline->items = items;
	item.lane = lane_of(timeline, group, lane);
	va_start(args, fmt);
	if (vasprintf(&item.text, fmt, args) < 0)
		timeline->err = -ENOMEM;
	va_end(args);
	if (timeline->err) {
		free(item.text);
		return;
	}
	items[timeline->nitems++] = item;
}
