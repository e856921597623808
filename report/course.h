/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * course.h - time lines of what the entries of a report have
 */
#ifndef REPORT_COURSE_H
#define REPORT_COURSE_H

#include "report.h"
#include "timeline.h"

enum { COURSE_WAIT = 2 };	/* steps that a wait at the end of a schedule takes in the picture */

/** course_of_run - operations, processes, locks and slots from the records of a run */
void course_of_run(struct timeline *timeline, const struct report_entry *entry);

/** course_add_events - slotgate's trace events, as tracefs shows them */
void course_add_events(struct timeline *timeline, struct json_object *lines);

/**
 * course_add_stuck - tasks of @evidence, which was taken at @end
 * @since: when the operation began that did not end
 *
 * Evidence does not tell since when a task waits: it is shown from its last sign of life on.
 */
void course_add_stuck(struct timeline *timeline, struct json_object *evidence, double since,
		      double end);

/** course_add_storm - what was done on each slot, from the states of a storm */
void course_add_storm(struct timeline *timeline, struct json_object *records);

/** course_of_schedule - step by step into a predicted deadlock */
void course_of_schedule(struct timeline *timeline, struct json_object *finding);

/** course_task_lane - a task's lane, from the name that a process has in the kernel */
void course_task_lane(char *buf, size_t size, const char *comm);

#endif
