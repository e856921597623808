// SPDX-License-Identifier: GPL-2.0-only
/*
 * course_events.c - slotgate's own trace events: who was in which gate, and when
 */
#include <stdlib.h>
#include <string.h>

#include "course.h"
#include "json.h"

enum { OPEN_MAX = 128, NAME_SIZE = 64 };

/**
 * struct event - one line
 * @task: "irq/25-pciehp-54"
 * @on:   slot or device, "" if neither
 */
struct event {
	char task[NAME_SIZE], name[NAME_SIZE], on[NAME_SIZE];
	double time;
	int result;
};

/* Those that begin and end something have the same @what; @as is what a gate is for. */
static const struct {
	const char *name, *what, *as;
	enum { BEGINS, ENDS, HAPPENS } part;
	enum timeline_kind kind;
	bool gate;		/* that of the slot has to do with it */
} events[] = {
	{ "event_begin", "handles an event of slot", "event", BEGINS, TIMELINE_HOLD, true },
	{ "event_end", "handles an event of slot", "event", ENDS, TIMELINE_HOLD, true },
	{ "reset_begin", "resets in slot", "reset", BEGINS, TIMELINE_HOLD, true },
	{ "reset_end", "resets in slot", "reset", ENDS, TIMELINE_HOLD, true },
	{ "early_unbind_begin", "unbinds early", "", BEGINS, TIMELINE_WAIT, false },
	{ "early_unbind_end", "unbinds early", "", ENDS, TIMELINE_WAIT, false },
	{ "topology_wait", "waits for the topology gate", "", BEGINS, TIMELINE_WAIT, false },
	{ "topology_enter", "waits for the topology gate", "", ENDS, TIMELINE_WAIT, false },
	{ "reset_refused", "is refused a reset in slot", "reset refused", HAPPENS, TIMELINE_REFUSED, true },
	{ "reset_deferred", "owes a reset of", "", HAPPENS, TIMELINE_REFUSED, false },
	{ "reset_paid", "pays the reset of", "", HAPPENS, TIMELINE_NOTE, false },
	{ "gate_dying", "takes away the gate of slot", "the gate goes", HAPPENS, TIMELINE_NOTE, true },
};

enum { EVENTS = sizeof(events) / sizeof(*events) };

struct open {
	char task[NAME_SIZE], on[NAME_SIZE];
	const char *what;
	double since;
};

/** struct threads - which slot an interrupt thread belongs to */
struct threads {
	struct { char task[NAME_SIZE], slot[NAME_SIZE]; } list[OPEN_MAX];
	size_t count;
};

static void copy(char *buf, const char *from, size_t length)
{
	snprintf(buf, NAME_SIZE, "%.*s", (int)length, from);
}

/* '   irq/25-pciehp-54   [001] .....  13.921150: event_begin: (...) slot="1"' */
static bool parse(const char *line, struct event *ret)
{
	const char *cpu = strstr(line, " ["), *flags = cpu ? strchr(cpu + 2, ' ') : NULL, *end;
	const char *name, *on;
	char *after;

	*ret = (struct event){ .result = 0 };
	line += strspn(line, " ");
	if (!flags || cpu < line)
		return false;
	end = cpu;
	while (end > line && end[-1] == ' ')
		end--;
	copy(ret->task, line, end - line);
	flags += strspn(flags, " ");
	flags += strcspn(flags, " ");
	ret->time = strtod(flags, &after);
	if (after == flags || strncmp(after, ": ", 2))
		return false;
	name = after + 2;
	copy(ret->name, name, strcspn(name, ":"));
	on = strchr(name, '"');
	if (on)
		copy(ret->on, on + 1, strcspn(on + 1, "\""));
	on = strstr(name, " result=");
	ret->result = on ? atoi(on + strlen(" result=")) : 0;
	return true;
}

/* "owner o1-112" is called "owner o1"; an interrupt thread as the slot's. */
static void lane_of(const struct threads *threads, const char *task, char *buf, size_t size)
{
	const char *pid = strrchr(task, '-');
	char comm[NAME_SIZE];

	for (size_t i = 0; i < threads->count; i++)
		if (!strcmp(threads->list[i].task, task)) {
			snprintf(buf, size, "slot %s's interrupt thread", threads->list[i].slot);
			return;
		}
	snprintf(comm, sizeof(comm), "%.*s", (int)(pid ? pid - task : (long)strlen(task)), task);
	course_task_lane(buf, size, comm);
}

static void learn_threads(struct threads *threads, struct json_object *lines)
{
	struct event event;

	for (size_t i = 0; i < json_count(lines) && threads->count < OPEN_MAX; i++) {
		size_t known = 0;

		if (!parse(json_text_at(lines, i), &event) || strcmp(event.name, "event_begin") ||
		    strncmp(event.task, "irq/", 4))
			continue;
		while (known < threads->count && strcmp(threads->list[known].task, event.task))
			known++;
		if (known < threads->count)
			continue;
		copy(threads->list[known].task, event.task, NAME_SIZE - 1);
		copy(threads->list[known].slot, event.on, NAME_SIZE - 1);
		threads->count++;
	}
}

static struct open *find_open(struct open *opens, size_t count, const struct event *event, const char *what)
{
	for (size_t i = count; i-- > 0;)
		if (opens[i].what == what && !strcmp(opens[i].task, event->task) &&
		    (!*event->on || !strcmp(opens[i].on, event->on)))
			return &opens[i];
	return NULL;
}

static void add(struct timeline *timeline, const struct threads *threads, const struct event *event,
		size_t kind, double since)
{
	char lane[NAME_SIZE], lock[NAME_SIZE];

	lane_of(threads, event->task, lane, sizeof(lane));
	timeline_add(timeline, TIMELINE_TASKS, lane, events[kind].kind, since, event->time, "%s%s%s%s",
		     events[kind].what, *event->on ? " " : "", event->on, event->result ? ", and leaves" : "");
	if (!events[kind].gate)
		return;
	snprintf(lock, sizeof(lock), "slot %.40s's gate", event->on);
	timeline_add(timeline, TIMELINE_LOCKS, lock, events[kind].kind, since, event->time, "%s: %s",
		     events[kind].as, lane);
}

struct replay {
	struct timeline *timeline;
	struct threads threads;
	struct open opens[OPEN_MAX];
	size_t nopens;
};

static void begin(struct replay *replay, const struct event *event, const char *what)
{
	struct open *open = &replay->opens[replay->nopens];

	if (replay->nopens == OPEN_MAX)
		return;
	*open = (struct open){ .what = what, .since = event->time };
	copy(open->task, event->task, NAME_SIZE - 1);
	copy(open->on, event->on, NAME_SIZE - 1);
	replay->nopens++;
}

static void end(struct replay *replay, const struct event *event, size_t kind)
{
	struct open *open = find_open(replay->opens, replay->nopens, event, events[kind].what);

	if (!open) {
		/* The topology gate is entered without a wait most of the time. */
		if (!strcmp(event->name, "topology_enter"))
			timeline_add(replay->timeline, TIMELINE_LOCKS, "topology gate", TIMELINE_NOTE,
				     event->time, event->time, "%s enters", event->task);
		return;
	}
	add(replay->timeline, &replay->threads, event, kind, open->since);
	*open = replay->opens[--replay->nopens];
}

static void take(struct replay *replay, const struct event *event)
{
	for (size_t i = 0; i < EVENTS; i++) {
		if (strcmp(events[i].name, event->name))
			continue;
		if (events[i].part == BEGINS)
			begin(replay, event, events[i].what);
		else if (events[i].part == ENDS)
			end(replay, event, i);
		else
			add(replay->timeline, &replay->threads, event, i, event->time);
	}
}

void course_add_events(struct timeline *timeline, struct json_object *lines)
{
	struct replay replay = { .timeline = timeline };
	struct event event;

	learn_threads(&replay.threads, lines);
	for (size_t i = 0; i < json_count(lines); i++)
		if (parse(json_text_at(lines, i), &event))
			take(&replay, &event);
}
