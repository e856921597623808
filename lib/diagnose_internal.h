/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * diagnose_internal.h - shared by the parts of the diagnosis
 */
#ifndef SLOTGATE_DIAGNOSE_INTERNAL_H
#define SLOTGATE_DIAGNOSE_INTERNAL_H

#include <json-c/json.h>

#include "evidence_internal.h"
#include "slotgate/diagnose.h"

/**
 * struct walk - all ways through the wait-for graph
 * @visit: told each cycle, once, and each chain to its end; @eliminated: how many
 *         of its steps are told by elimination
 * @assume: take any stuck process for the owner of a device whose owner is not told
 */
struct walk {
	struct json_object *evidence;
	const struct sg_analysis *analysis;
	bool assume;
	void (*visit)(struct walk *walk, const size_t *path, size_t count, bool cycle,
		      unsigned int eliminated);
	void *arg;
};

void walk_graph(struct walk *walk);

/** row_find - first row that a cycle, or a chain, fits; NULL if none does */
const struct sg_row *row_find(struct json_object *evidence, const struct sg_analysis *analysis,
			      const size_t *path, size_t count, bool cycle);
/** row_rank - its place in the table */
size_t row_rank(const struct sg_row *row);

/** task_has_frame - is one of the functions "a|b" on the stack of task @index? */
bool task_has_frame(struct json_object *evidence, size_t index, const char *functions);

#endif
