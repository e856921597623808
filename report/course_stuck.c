// SPDX-License-Identifier: GPL-2.0-only
/*
 * course_stuck.c - tasks that stand still at the end of a run, and what they hold
 */
#include <string.h>

#include "course.h"
#include "evidence_internal.h"

enum { TEXT_MAX = 512 };

/* Processes of the lab are called by what they do and by a name: two words, maybe quoted. */
void course_task_lane(char *buf, size_t size, const char *comm)
{
	static const char quoted[] = "process \"";
	static const char *const kinds[] = {
		"owner", "off", "on", "read", "write", "irq", "doze", "cycle", "detach", "close", NULL
	};
	size_t first, both;

	if (!strncmp(comm, quoted, strlen(quoted)))
		comm += strlen(quoted);
	first = strcspn(comm, " ");
	snprintf(buf, size, "%.*s", (int)strcspn(comm, "\""), comm);
	for (const char *const *kind = kinds; *kind; kind++)
		if (strlen(*kind) == first && !strncmp(comm, *kind, first) && comm[first]) {
			both = first + 1 + strcspn(comm + first + 1, " \"");
			snprintf(buf, size, "%.*s", (int)both, comm);
		}
}

/* The last thing that is known of the lane's task. */
static double last_sign(const struct timeline *timeline, const char *lane, double otherwise)
{
	double last = -1;

	for (size_t i = 0; i < timeline->nitems; i++) {
		const struct timeline_item *item = &timeline->items[i];
		const struct timeline_lane *of = &timeline->lanes[item->lane];

		if (of->group == TIMELINE_TASKS && !strcmp(of->name, lane) && item->to > last)
			last = item->to;
	}
	return last < 0 ? otherwise : last;
}

static bool is_wanted(const struct sg_analysis *analysis, const struct sg_resource *held)
{
	for (size_t i = 0; i < analysis->ntasks; i++)
		if (sg_resource_blocks(held, &analysis->tasks[i].waits))
			return true;
	return false;
}

static void add_holds(struct timeline *timeline, const struct sg_analysis *analysis,
		      const struct sg_task *task, double since, double end)
{
	char name[TEXT_MAX];

	for (size_t i = 0; i < task->nholds; i++) {
		if (task->holds[i].kind == SG_RES_THREAD || !is_wanted(analysis, &task->holds[i]))
			continue;
		sg_resource_name(name, sizeof(name), &task->holds[i]);
		timeline_add(timeline, TIMELINE_LOCKS, name, TIMELINE_HOLD, since, end, "%s", task->who);
	}
}

static void add_task(struct timeline *timeline, const struct sg_analysis *analysis,
		     const struct sg_task *task, double otherwise, double end)
{
	char lane[TEXT_MAX], text[TEXT_MAX];
	double since;

	course_task_lane(lane, sizeof(lane), task->who);
	since = last_sign(timeline, lane, otherwise);
	sg_resource_wait_text(text, sizeof(text), &task->waits);
	timeline_add(timeline, TIMELINE_TASKS, lane, TIMELINE_STUCK, since < end ? since : end, end,
		     "%s (%s), since some time in this span", text, task->function);
	add_holds(timeline, analysis, task, since < end ? since : end, end);
}

void course_add_stuck(struct timeline *timeline, struct json_object *evidence, double since,
		      double end)
{
	struct sg_analysis analysis;

	if (sg_evidence_analyse(evidence, &analysis))
		return;
	for (size_t i = 0; i < analysis.ntasks; i++)
		add_task(timeline, &analysis, &analysis.tasks[i], since, end);
	sg_analysis_deinit(&analysis);
}
