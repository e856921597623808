/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * storm_cli.h - what "storm" and "lab storm" share: options, the plan, the live view
 */
#ifndef CLI_STORM_CLI_H
#define CLI_STORM_CLI_H

#include <argp.h>
#include <stdint.h>
#include <stdio.h>

#include "storm.h"

struct storm_options {
	struct storm_config config;	/* without slots */
	bool json, plan_only;
};

/** storm_cli_argp - as a child; its input is struct storm_options */
extern const struct argp storm_cli_argp;

void storm_cli_defaults(struct storm_options *options);

/** storm_cli_number - 0, or EINVAL after a complaint about --@name */
int storm_cli_number(const char *name, const char *arg, uint64_t low, uint64_t high,
		     uint64_t *ret);

/** storm_cli_actor - the bit of actor @name */
uint32_t storm_cli_actor(const char *name);

/** storm_cli_lack - what the first of the actors lacks that cannot do anything here, or "" */
const char *storm_cli_lack(const struct storm_config *config);

/** storm_cli_plan - all that is planned */
void storm_cli_plan(FILE *out, const struct storm_config *config);

/** storm_cli_show - a record of a storm: live on a terminal, else lines; @tables: in the end, what it came to */
void storm_cli_show(struct json_object *record, bool tables);

/**
 * storm_report - diagnosis, kernel log, plan, seed and versions in one folder
 * @wanted: the folder, or NULL for a new one here
 * @records: its begin, some states, its end
 *
 * Returns its malloc'd name, or NULL after a complaint.
 */
char *storm_report(const struct storm *storm, const char *wanted, struct json_object *records);

/** storm_report_folder - name of a new folder here */
char *storm_report_folder(void);

/** storm_report_lab - add to @folder of a run, which has its log, plan and @evidence (or NULL) */
void storm_report_lab(const char *folder, struct json_object *evidence, const char *kernel);

/** storm_report_json - begin and end of a storm in one object, with our version */
struct json_object *storm_report_json(struct json_object *records);

#endif
