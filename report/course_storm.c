// SPDX-License-Identifier: GPL-2.0-only
/*
 * course_storm.c - what a storm does on each slot, from its states every two seconds
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "course.h"
#include "json.h"

enum { SLOTS_MAX = 128, NAME_SIZE = 64 };

/** struct doing - what goes on in a slot */
struct doing {
	char slot[NAME_SIZE], what[NAME_SIZE];
	double since;
};

struct storm {
	struct timeline *timeline;
	struct doing slots[SLOTS_MAX];
	size_t count;
	double last;
};

static void end_doing(struct storm *storm, struct doing *doing, double time)
{
	char lane[NAME_SIZE + 8];

	snprintf(lane, sizeof(lane), "slot %s", doing->slot);
	if (*doing->what)
		timeline_add(storm->timeline, TIMELINE_SLOTS, lane, TIMELINE_RUN, doing->since, time, "%s",
			     doing->what);
}

static struct doing *find(struct storm *storm, const char *slot)
{
	size_t i = 0;

	while (i < storm->count && strcmp(storm->slots[i].slot, slot))
		i++;
	if (i == storm->count && i < SLOTS_MAX)
		snprintf(storm->slots[storm->count++].slot, NAME_SIZE, "%s", slot);
	return i < SLOTS_MAX ? &storm->slots[i] : NULL;
}

/* "power off-on: off" is a call of the operation "power off-on". */
static void take_slot(struct storm *storm, struct json_object *slot, double time)
{
	struct doing *doing = find(storm, json_text(slot, "slot"));
	const char *what = json_text(slot, "doing");
	size_t length = strcspn(what, ":");

	if (!doing || (strlen(doing->what) == length && !strncmp(doing->what, what, length)))
		return;
	end_doing(storm, doing, time);
	snprintf(doing->what, sizeof(doing->what), "%.*s", (int)length, what);
	doing->since = time;
}

static void take_state(struct storm *storm, struct json_object *record)
{
	struct json_object *slots = json_list(record, "slots");

	storm->last = json_number(record, "ms") / 1000.0;
	for (size_t i = 0; i < json_count(slots); i++)
		take_slot(storm, json_at(slots, i), storm->last);
}

void course_add_storm(struct timeline *timeline, struct json_object *records)
{
	struct storm *storm = calloc(1, sizeof(*storm));

	if (!storm) {
		timeline->err = -ENOMEM;
		return;
	}
	storm->timeline = timeline;
	for (size_t i = 0; i < json_count(records); i++)
		if (!strcmp(json_text(json_at(records, i), "t"), "storm-state"))
			take_state(storm, json_at(records, i));
	for (size_t i = 0; i < storm->count; i++)
		end_doing(storm, &storm->slots[i], storm->last);
	free(storm);
}
