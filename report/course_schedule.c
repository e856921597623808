// SPDX-License-Identifier: GPL-2.0-only
/*
 * course_schedule.c - a predicted deadlock: which task goes on how far, and what it holds by then
 */
#include <string.h>

#include "course.h"
#include "json.h"

/* A step covers records up to its last; what is done there is done within it. */
static double step_of(struct json_object *steps, const char *task, long long record)
{
	for (size_t i = 0; i < json_count(steps); i++) {
		struct json_object *step = json_at(steps, i);

		if (!strcmp(json_text(step, "task"), task) && record <= json_number(step, "last"))
			return (double)i;
	}
	return (double)json_count(steps);
}

static void add_step(struct timeline *timeline, struct json_object *step, double at)
{
	const char *how = json_true(step, "as_recorded") ? "as recorded: " : "";

	timeline_add(timeline, TIMELINE_TASKS, json_text(step, "task"), TIMELINE_RUN, at, at + 1,
		     "%srecords %lld to %lld", how, json_number(step, "first"), json_number(step, "last"));
}

static const char *name_of(struct json_object *object)
{
	return *json_text(object, "what") ? json_text(object, "what") : json_text(object, "object");
}

static void add_party(struct timeline *timeline, struct json_object *party, struct json_object *steps)
{
	struct json_object *holds = json_list(party, "holds"), *waits = json_object_of(party, "waits");
	double end = (double)json_count(steps) + COURSE_WAIT;
	const char *task = json_text(party, "task");

	for (size_t i = 0; i < json_count(holds); i++) {
		struct json_object *hold = json_at(holds, i);

		timeline_add(timeline, TIMELINE_LOCKS, name_of(hold), TIMELINE_HOLD,
			     step_of(steps, task, json_number(hold, "record")) + 0.5, end, "%s%s", task,
			     json_true(hold, "shared") ? ", as a reader" : "");
	}
	timeline_add(timeline, TIMELINE_TASKS, task, TIMELINE_STUCK, end - COURSE_WAIT, end, "%s %s",
		     *json_text(waits, "text") ? json_text(waits, "text") : "waits for",
		     *json_text(waits, "text") ? "" : json_text(waits, "object"));
}

void course_of_schedule(struct timeline *timeline, struct json_object *finding)
{
	struct json_object *steps = json_list(finding, "schedule"), *parties = json_list(finding, "tasks");

	for (size_t i = 0; i < json_count(steps); i++)
		add_step(timeline, json_at(steps, i), (double)i);
	for (size_t i = 0; i < json_count(parties); i++)
		add_party(timeline, json_at(parties, i), steps);
}
