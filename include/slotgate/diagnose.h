/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * diagnose.h - from evidence of a hang to its name and what to do about it
 *
 * Evidence comes from the lab's agent, from the machine we run on (live.h) or
 * from a kernel log (klog.h).  The rows of the scoreboard are one table,
 * lib/diagnose_rows.c.  A hang that fits none of them is unknown, and stays so.
 */
#ifndef SLOTGATE_DIAGNOSE_H
#define SLOTGATE_DIAGNOSE_H

#include <stdio.h>

#include "slotgate/evidence.h"
#include "slotgate/strv.h"

#define SG_ROWS_MAX 8

enum sg_finding_kind {
	SG_NOTHING_HANGS,
	SG_HANG_NAMED,		/* a row of the scoreboard */
	SG_HANG_UNKNOWN,	/* tasks stand still, and no row fits */
	SG_HANG_UNSEEN,		/* tasks stand still, and we may not see where */
};

/**
 * struct sg_row - a row of the scoreboard, for people
 * @what:    what happened
 * @now:     what can still be done without a reboot
 * @prevent: what prevents it next time
 */
struct sg_row {
	const char *name;
	const char *what;
	const char *now;
	const char *prevent;
};

/**
 * struct sg_named - one hang
 * @path:       indices into the analysis' tasks; each waits for the next one
 * @cycle:      the last waits for the first
 * @eliminated: how many of these waits are told by elimination: the evidence
 *              does not name what is waited for, but nobody else can have it
 * @alike:      how many other paths are as good: the row is the same, who takes
 *              part in it exactly stays open
 */
struct sg_named {
	const struct sg_row *row;
	size_t *path;
	size_t npath;
	bool cycle;
	unsigned int eliminated;
	unsigned int alike;
};

/**
 * struct sg_diagnosis - what is wrong with a machine
 * @named:    rows that fit, the best supported first
 * @unknown:  with no row: the way through the graph that matters, as in @analysis
 * @log:      what kind of log the evidence is from ("sysrq-w", ...), "" if from none
 * @machine:  the rescan/remove lock is held: no slot of the machine can be used
 * @slots:    names of slots whose interrupt thread stands still
 * @devices:  whose lock is held by a task that stands still, or which are waited for
 * @behind:   tasks that stand still behind those of the path
 * @missing:  what could not be seen
 */
struct sg_diagnosis {
	enum sg_finding_kind kind;
	struct sg_analysis analysis;
	struct sg_named named[SG_ROWS_MAX];
	size_t nnamed;
	char log[16];
	bool machine;
	struct sg_strv slots, devices, behind, missing, notes;
};

/** sg_diagnose - understand @evidence; -EINVAL if it is none */
int sg_diagnose(struct json_object *evidence, struct sg_diagnosis *ret);
void sg_diagnosis_deinit(struct sg_diagnosis *diagnosis);

/** sg_diagnosis_print - for people */
void sg_diagnosis_print(FILE *out, const struct sg_diagnosis *diagnosis);
/** sg_diagnosis_to_json - for programs */
struct json_object *sg_diagnosis_to_json(const struct sg_diagnosis *diagnosis);

#endif
