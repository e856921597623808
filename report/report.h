/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * report.h - one page about lab runs, boards, storms, hangs and predictions
 *
 * report_load() makes entries of what it is given, report_write() a page of
 * them.  An entry has what its source had: each part of the page is there for
 * those that have what it shows.
 *
 * Errors are negative errno values throughout.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <json-c/json.h>
#include <stdio.h>

#include "slotgate/lab.h"

struct sg_scenario;

enum report_expectation { REPORT_OPEN, REPORT_AS_EXPECTED, REPORT_UNEXPECTED };

/**
 * struct report_entry - a run, a hang or a prediction
 * @title:      "vfio-close, seed 1, stock"
 * @subject:    the scenario, or what else runs of it have in common; "" for none
 * @with:       "stock", "slotgate" or ""
 * @verdict:    one word
 * @known:      the scenario, NULL if it is none of ours
 * @folder:     with the logs of a run, or NULL
 * @result:     as sg_result_json(), or NULL
 * @evidence:   of a hang, or NULL
 * @records:    array of what the guest reported, without what is large, or NULL
 * @prediction: as "slotgate predict --json", or NULL
 * @broken:     lines of the records that could not be read
 */
struct report_entry {
	char *title;
	char *subject;
	char with[16];
	char verdict[16];
	char release[64];
	const struct sg_scenario *known;
	enum report_expectation expectation;
	char *folder;
	struct json_object *result;
	struct json_object *evidence;
	struct json_object *records;
	struct json_object *prediction;
	size_t broken;
};

/**
 * struct report - a page
 * @title, @made: for its head; when it was made, and by what
 * @predict:  makes a prediction of the trace in @path
 * @undrawn:  why the lock graphs are tables only, "" if they are not
 */
struct report {
	const char *title;
	const char *made;
	const struct sg_watch *watch;
	int (*predict)(const char *path, struct json_object **ret, struct sg_error *err);
	struct report_entry *entries;
	size_t count;
	char undrawn[256];
};

/**
 * report_load - add what is in @path, a folder or a file
 *
 * A folder of a run, or one with such folders below it; or a file: JSON of a
 * command of slotgate, or a trace.
 */
int report_load(struct report *report, const char *path, struct sg_error *err);

/** report_write - the page; -EINTR when stopped */
int report_write(FILE *out, struct report *report, struct sg_error *err);

void report_deinit(struct report *report);

#endif
