/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * predict.h - what the files of "slotgate predict" share
 */
#ifndef CLI_PREDICT_H
#define CLI_PREDICT_H

#include <stdio.h>

#include "slotgate/predict.h"
#include "slotgate/strv.h"

struct json_object;

/**
 * struct suppression - a finding that is known
 * @globs: of what is waited for; each has to match in the finding
 */
struct suppression {
	char *reason;
	struct sg_strv globs;
	size_t used;
};

struct suppressions {
	struct suppression *items;
	size_t count;
};

/** suppressions_read - "REASON | GLOB [| GLOB...]" per line; "#" begins a comment */
int suppressions_read(const char *path, struct suppressions *ret, struct sg_error *err);
void suppressions_deinit(struct suppressions *list);

/** struct predict_report - findings that are to be told, and what is told of them */
struct predict_report {
	const struct sg_predict *predict;
	char **files;
	struct suppressions suppressions;
	size_t *suppressed_by;		/* by finding: index, or SIZE_MAX */
	size_t predicted, suppressed, unknown, refuted;
};

int predict_report_init(struct predict_report *report);
void predict_report_deinit(struct predict_report *report);

void predict_print(FILE *out, const struct predict_report *report, size_t most);
/** predict_json - all findings, also those that were refuted or are suppressed */
struct json_object *predict_json(const struct predict_report *report);
void predict_print_json(FILE *out, const struct predict_report *report);
int predict_print_dot(FILE *out, const struct predict_report *report);

/** predict_object - "the device lock of 0000:01:00.0" */
const char *predict_object(const struct sg_predict *predict, uint32_t object, char *buf,
			   size_t size);
/** predict_hold - "holds the device lock of 0000:01:00.0" */
const char *predict_hold(const struct sg_predict *predict, const struct sg_hold *hold, char *buf,
			 size_t size);
/** predict_wait - "waits for the device lock of 0000:01:00.0" */
const char *predict_wait(const struct sg_predict *predict, const struct sg_party *party, char *buf,
			 size_t size);

#endif
