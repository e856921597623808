// SPDX-License-Identifier: GPL-2.0-only
/*
 * quiet.c - the plan of a quiet run, from its row
 */
#include <string.h>

#include <slotgate/quiet.h>

#include "common.h"

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan);

const struct sg_scenario sg_scenario_quiet = {
	.name = "quiet",
	.summary = "the paths of a row, one after the other",
	.drives = { 0, SG_DRIVES_MAX },
	.describe = describe,
};

const struct sg_quiet *sg_quiet_find(const char *row)
{
	for (const struct sg_quiet *quiet = sg_quiet_rows; quiet->row; quiet++)
		if (!strcmp(quiet->row, row))
			return quiet;
	return NULL;
}

bool sg_quiet_on(const struct sg_quiet *quiet, const char *release)
{
	return sg_series_has(quiet->series, release);
}

/* "> write p FILE 1": and wait until it is over. */
static void add_line(struct sg_plan *plan, const char *line, size_t len)
{
	if (strncmp(line, "> ", 2)) {
		sg_plan_add(plan, "%.*s", (int)len, line);
		return;
	}
	sg_plan_add(plan, "%.*s", (int)len - 2, line + 2);
	sg_plan_add(plan, "join %d p", READY_SECONDS);
}

static void add_lines(struct sg_plan *plan, const char *lines)
{
	size_t len;

	for (; lines && *lines; lines += len + (lines[len] == '\n')) {
		len = strcspn(lines, "\n");
		add_line(plan, lines, len);
	}
}

static int describe(const struct sg_params *params, struct sg_topology *topo,
		    struct sg_plan *plan)
{
	const struct sg_quiet *quiet = &sg_quiet_rows[params->seed];

	topo->nslots = 0;
	while (quiet->slots[topo->nslots].number) {
		topo->slots[topo->nslots] = quiet->slots[topo->nslots];
		topo->nslots++;
	}
	sg_plan_add(plan, "modules %s", quiet->modules);
	sg_plan_add(plan, "slotgate");
	add_lines(plan, quiet->before);
	sg_plan_add(plan, "record");
	add_lines(plan, quiet->plan);
	sg_plan_add(plan, "record-end");
	return plan->err;
}
