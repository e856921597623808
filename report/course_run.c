// SPDX-License-Identifier: GPL-2.0-only
/*
 * course_run.c - the time line of a run from the guest's records, see docs/PLAN.md
 */
#include <stdlib.h>
#include <string.h>

#include "course.h"
#include "json.h"
#include "slotgate/cleanup.h"

enum {
	PROCESSES_MAX = 256,
	NAME_MAX_LEN = 64,
	TAKEN_SECONDS = 10,	/* evidence is taken within that time */
};

/* Operations that start a process; @by_slot: its name in the guest has the slot, not the id. */
static const struct {
	const char *word, *role;
	bool by_slot;
} starters[] = {
	{ "owner", "owner", false }, { "testpmd", "owner", false }, { "machine", "owner", false },
	{ "off", "off", true }, { "on", "on", true }, { "read", "read", true },
	{ "write", "write", false }, { "again", "write", false }, { "irq", "irq", false },
	{ "doze", "doze", false }, { "cycle", "cycle", false }, { "detach", "detach", true },
	{ "close", "close", true },
};

/** struct process - @item: its span, whose end is not known until it is @over */
struct process {
	char lane[NAME_MAX_LEN], id[NAME_MAX_LEN];
	size_t item;
	bool over;
};

struct course {
	struct timeline *timeline;
	struct process processes[PROCESSES_MAX];
	size_t nprocesses;
	char *step;		/* that goes on, since @since */
	double since, last;
};

static double seconds_of(struct json_object *record)
{
	return json_number(record, "ms") / 1000.0;
}

static void end_process(struct course *course, struct process *process, double time)
{
	if (!process->over && process->item < course->timeline->nitems)
		course->timeline->items[process->item].to = time;
	process->over = true;
}

static void start_process(struct course *course, const char *op, double time)
{
	char word[NAME_MAX_LEN], id[NAME_MAX_LEN], slot[NAME_MAX_LEN] = "";
	struct process *process = &course->processes[course->nprocesses];

	if (course->nprocesses == PROCESSES_MAX || sscanf(op, "%63s %63s %63s", word, id, slot) < 2)
		return;
	for (size_t i = 0; i < sizeof(starters) / sizeof(*starters); i++) {
		if (strcmp(starters[i].word, word))
			continue;
		*process = (struct process){ .item = course->timeline->nitems };
		snprintf(process->id, sizeof(process->id), "%s", id);
		snprintf(process->lane, sizeof(process->lane), "%s %.40s", starters[i].role,
			 starters[i].by_slot ? slot : id);
		timeline_add(course->timeline, TIMELINE_TASKS, process->lane, TIMELINE_RUN, time, time, "%s", op);
		course->nprocesses++;
		return;
	}
}

/* "join 30" waits for all, "join 30 f1" for that one: by its end they are over. */
static void end_joined(struct course *course, double time)
{
	sg_autofree char *words = NULL;
	char *save = NULL, *word;
	bool any = false;

	if (!course->step || strncmp(course->step, "join ", 5))
		return;
	words = strdup(course->step + 5);
	word = words ? strtok_r(words, " ", &save) : NULL;
	while (word && (word = strtok_r(NULL, " ", &save))) {
		any = true;
		for (size_t i = 0; i < course->nprocesses; i++)
			if (!strcmp(course->processes[i].id, word))
				end_process(course, &course->processes[i], time);
	}
	for (size_t i = 0; i < course->nprocesses && !any; i++)
		end_process(course, &course->processes[i], time);
}

static void end_step(struct course *course, double time)
{
	if (course->step)
		timeline_add(course->timeline, TIMELINE_PLAN, "operations", TIMELINE_STEP, course->since, time,
			     "%s", course->step);
	free(course->step);
	course->step = NULL;
}

static void take_op(struct course *course, struct json_object *record)
{
	double time = seconds_of(record);

	end_joined(course, time);
	end_step(course, time);
	course->step = strdup(json_text(record, "text"));
	course->since = time;
	start_process(course, json_text(record, "text"), time);
}

/* A note stands with the process that it begins with, else with the plan. */
static void take_note(struct course *course, struct json_object *record)
{
	const char *text = json_text(record, "text");
	double time = seconds_of(record);

	for (size_t i = 0; i < course->nprocesses; i++) {
		struct process *process = &course->processes[i];
		size_t length = strlen(process->lane);

		if (strncmp(text, process->lane, length) || (text[length] != ' ' && text[length] != ':'))
			continue;
		if (!strcmp(text + length, " is gone"))
			end_process(course, process, time);
		timeline_add(course->timeline, TIMELINE_TASKS, process->lane, TIMELINE_NOTE, time, time, "%s",
			     text);
		return;
	}
	timeline_add(course->timeline, TIMELINE_PLAN, "operations", TIMELINE_NOTE, time, time, "%s", text);
}

static void mark_slot(struct course *course, struct json_object *record, const char *what)
{
	char lane[NAME_MAX_LEN];

	snprintf(lane, sizeof(lane), "slot %lld", json_number(record, "slot"));
	timeline_add(course->timeline, TIMELINE_SLOTS, lane, TIMELINE_NOTE, seconds_of(record),
		     seconds_of(record), "%s", what);
}

static void take_plug(struct course *course, struct json_object *record)
{
	mark_slot(course, record, "the host is asked to plug the drive in");
}

static void take_unplug(struct course *course, struct json_object *record)
{
	mark_slot(course, record, "the host is asked to press the attention button");
}

static void take_events(struct course *course, struct json_object *record)
{
	course_add_events(course->timeline, json_list(record, "lines"));
}

/* The last operation ended as well, and nothing is left. */
static void take_done(struct course *course, struct json_object *record)
{
	end_joined(course, seconds_of(record));
	end_step(course, seconds_of(record));
}

static const struct {
	const char *type;
	void (*take)(struct course *course, struct json_object *record);
} types[] = {
	{ "op", take_op }, { "note", take_note }, { "plug", take_plug }, { "unplug", take_unplug },
	{ "events", take_events }, { "done", take_done },
};

static void take(struct course *course, struct json_object *record)
{
	const char *type = json_text(record, "t");

	if (seconds_of(record) > course->last)
		course->last = seconds_of(record);
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (!strcmp(types[i].type, type))
			types[i].take(course, record);
}

/*
 * When a wait can have begun at the earliest: with the operation that did not end.  A storm ends at
 * the first call that takes longer than its patience; the others began later.
 */
static double earliest_wait(const struct course *course)
{
	const char *patience = course->step ? strstr(course->step, " patience=") : NULL;
	double bound = patience ? course->last - strtod(patience + strlen(" patience="), NULL) - TAKEN_SECONDS : 0;

	return bound > course->since ? bound : course->since;
}

static double stuck_since(const struct timeline *timeline, const char *lane, double otherwise)
{
	for (size_t i = 0; i < timeline->nitems; i++) {
		const struct timeline_item *item = &timeline->items[i];

		if (item->kind == TIMELINE_STUCK && !strcmp(timeline->lanes[item->lane].name, lane))
			return item->from;
	}
	return otherwise;
}

void course_of_run(struct timeline *timeline, const struct report_entry *entry)
{
	struct course course = { .timeline = timeline };
	struct json_object *evidence = entry->evidence;
	double earliest;

	for (size_t i = 0; i < json_count(entry->records); i++)
		take(&course, json_at(entry->records, i));
	/* Logs may be taken for a while after a hang; the run is over then. */
	if (json_number(evidence, "ms"))
		course.last = seconds_of(evidence);
	earliest = earliest_wait(&course);
	end_step(&course, course.last);
	course_add_storm(timeline, entry->records);
	if (evidence)
		course_add_stuck(timeline, evidence, earliest, course.last);
	for (size_t i = 0; i < course.nprocesses; i++)
		end_process(&course, &course.processes[i],
			    stuck_since(timeline, course.processes[i].lane, course.last));
}
