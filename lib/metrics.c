// SPDX-License-Identifier: GPL-2.0-only
/*
 * metrics.c - the module's state and counters as text for Prometheus
 *
 * Names and units follow Prometheus' rules: counters end in _total, times are
 * in seconds.  What docs/OPERATIONS.md and the alert rules speak of are these
 * names; a change of one is a change for users.
 */
#include <errno.h>
#include <string.h>

#include "slotgate/metrics.h"

enum kind { COUNTER, GAUGE, SECONDS };	/* SECONDS: a gauge that the module has in milliseconds */

static const struct {
	const char *counter;	/* as the module names its file */
	enum kind kind;
	const char *name, *help;
} metrics[] = {
	{ "events", COUNTER, "events", "Slot events handled." },
	{ "removals", COUNTER, "removals", "Slots emptied." },
	{ "resets", COUNTER, "resets", "Resets that were let in." },
	{ "refused", COUNTER, "refused_resets",
	  "Resets answered with EAGAIN because an event was handled." },
	{ "deferred", COUNTER, "deferred_resets",
	  "Resets refused while an owner let go of its device, and owed from then on." },
	{ "paid", COUNTER, "paid_resets", "Owed resets done later." },
	{ "waited", COUNTER, "waits", "Waits for the gate." },
	{ "left", COUNTER, "left_waits", "Waits given up because the device or its port was leaving." },
	{ "unbound_early", COUNTER, "early_unbinds", "Drivers unbound before the removal took a lock." },
	{ "longest_wait_ms", SECONDS, "longest_wait_seconds", "Longest wait for the gate so far." },
	{ "busy_ms", SECONDS, "busy_seconds",
	  "How long the event that is handled now has been at work; a removal waits for its owner." },
};
#define NMETRICS (sizeof(metrics) / sizeof(*metrics))

bool sg_metrics_knows(const char *counter)
{
	for (size_t i = 0; i < NMETRICS; i++)
		if (!strcmp(metrics[i].counter, counter))
			return true;
	return false;
}

/* The text format declares the name of the sample, OpenMetrics that of the family. */
static void declare(FILE *out, const char *name, enum kind kind, const char *help, bool openmetrics)
{
	const char *suffix = kind == COUNTER && !openmetrics ? "_total" : "";

	fprintf(out, "# HELP slotgate_%s%s %s\n# TYPE slotgate_%s%s %s\n", name, suffix, help,
		name, suffix, kind == COUNTER ? "counter" : "gauge");
}

/* A label's value, with what its quotes ask for. */
static void put_label(FILE *out, const char *label, const char *value)
{
	fprintf(out, "{%s=\"", label);
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			putc('\\', out);
		putc(*value, out);
	}
	fputs("\"}", out);
}

static const struct sg_counter *find(const struct sg_counters *counters, const char *name)
{
	for (size_t i = 0; i < counters->count; i++)
		if (!strcmp(counters->counter[i].name, name))
			return &counters->counter[i];
	return NULL;
}

static void put_value(FILE *out, enum kind kind, unsigned long value)
{
	if (kind == SECONDS)
		fprintf(out, " %lu.%03lu\n", value / 1000, value % 1000);
	else
		fprintf(out, " %lu\n", value);
}

/* One metric of all @count of @from; nothing, not even its name, where the module has none. */
static void print_metric(FILE *out, size_t metric, const char *object,
			 const struct sg_counters *from, size_t count, bool openmetrics)
{
	enum kind kind = metrics[metric].kind;
	bool declared = false;
	char name[64];

	snprintf(name, sizeof(name), "%s_%s", object, metrics[metric].name);
	for (size_t i = 0; i < count; i++) {
		const struct sg_counter *counter = find(&from[i], metrics[metric].counter);

		if (!counter)
			continue;
		if (!declared)
			declare(out, name, kind, metrics[metric].help, openmetrics);
		declared = true;
		fprintf(out, "slotgate_%s%s", name, kind == COUNTER ? "_total" : "");
		if (!strcmp(object, "slot"))
			put_label(out, "slot", from[i].name);
		put_value(out, kind, counter->value);
	}
}

static void print_state(FILE *out, const struct sg_patch_status *status, bool openmetrics)
{
	declare(out, "on", GAUGE, "1 if the livepatch is in force, 0 if not, or not yet.", openmetrics);
	fprintf(out, "slotgate_on %d\n", status->state == SG_PATCH_ON);
	declare(out, "state", GAUGE, "1 for the state that the livepatch is in.", openmetrics);
	for (enum sg_patch_state state = SG_PATCH_NONE; state <= SG_PATCH_OFF; state++) {
		fputs("slotgate_state", out);
		put_label(out, "state", sg_patch_state_name(state));
		fprintf(out, " %d\n", status->state == state);
	}
	if (status->state == SG_PATCH_NONE)
		return;
	declare(out, "build_info", GAUGE, "Version of the loaded module; always 1.", openmetrics);
	fputs("slotgate_build_info", out);
	put_label(out, "version", status->version);
	fputs(" 1\n", out);
	declare(out, "functions_taken_over", GAUGE,
		"Functions that a later livepatch took over: slotgate is out of force there.", openmetrics);
	fprintf(out, "slotgate_functions_taken_over %zu\n", status->ntakeovers);
}

static void put_hang(FILE *out, const char *row)
{
	fputs("slotgate_hang", out);
	put_label(out, "row", row);
	fputs(" 1\n", out);
}

/* Something that stands still, but fits no row or was not to be seen, has the row "unknown". */
static void print_hang(FILE *out, const struct sg_diagnosis *hang, bool openmetrics)
{
	bool hangs = hang->kind != SG_NOTHING_HANGS;

	declare(out, "hung", GAUGE, "1 if tasks stand still in PCI, vfio or hot-plug code.", openmetrics);
	fprintf(out, "slotgate_hung %d\n", hangs);
	if (!hangs)
		return;
	declare(out, "hang", GAUGE, "1 for the row of the scoreboard that they hang in.", openmetrics);
	for (size_t i = 0; i < hang->nnamed; i++)
		put_hang(out, hang->named[i].row->name);
	if (!hang->nnamed)
		put_hang(out, "unknown");
}

int sg_metrics_print(FILE *out, const struct sg_patch_status *status,
		     const struct sg_diagnosis *hang, bool openmetrics)
{
	print_state(out, status, openmetrics);
	if (hang)
		print_hang(out, hang, openmetrics);
	for (size_t i = 0; i < NMETRICS; i++)
		print_metric(out, i, "slot", status->slots, status->nslots, openmetrics);
	for (size_t i = 0; i < NMETRICS; i++)
		print_metric(out, i, "topology", &status->topology, 1, openmetrics);
	if (openmetrics)
		fputs("# EOF\n", out);
	return fflush(out) || ferror(out) ? -EIO : 0;
}
