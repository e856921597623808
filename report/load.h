/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * load.h - what the parts of loading share
 */
#ifndef REPORT_LOAD_H
#define REPORT_LOAD_H

#include "report.h"

/** entry_add - a new, empty one at the end of @report; NULL without memory */
struct report_entry *entry_add(struct report *report, const char *title);

/** entry_settle - verdict, kernel and what was to be expected, from the parts that @entry has */
void entry_settle(struct report_entry *entry);

/** entry_name - title, subject and scenario from the words of a run: SCENARIO-SEED-KIND */
int entry_name(struct report_entry *entry, const char *scenario, long long seed, const char *with);

/** load_is_run - is @folder one that a run left? */
bool load_is_run(const char *folder);

/** load_run - the run that left @folder */
int load_run(struct report *report, const char *folder, struct sg_error *err);

/** load_run_files - records, evidence and prediction for @entry from @folder; takes it over */
int load_run_files(struct report *report, struct report_entry *entry, const char *folder,
		   struct sg_error *err);

/** load_storm - records and result of @storm, what "slotgate storm" printed or left as storm.json */
int load_storm(struct report_entry *entry, struct json_object *storm);

/** load_json - entries from @json, output of a command of slotgate that @path holds */
int load_json(struct report *report, const char *path, struct json_object *json,
	      struct sg_error *err);

/** load_json_file - parse @path; -EINVAL if it is no JSON object */
int load_json_file(const char *path, struct json_object **ret, struct sg_error *err);

#endif
