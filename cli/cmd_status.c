// SPDX-License-Identifier: GPL-2.0-only
/*
 * slotgate status [--json] - what slotgate does on this machine
 *
 * Exit code 0 if it is on and every function is its own, else 1.
 */
#include <argp.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "slotgate/livepatch.h"

static const struct argp_option options[] = {
	{ "json", 'j', NULL, 0, "print JSON", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	bool *json = state->input;

	if (key == ARGP_KEY_ARG)
		argp_error(state, "unexpected argument \"%s\"", arg);
	if (key != 'j')
		return ARGP_ERR_UNKNOWN;
	*json = true;
	return 0;
}

const struct argp cmd_status_argp = {
	.options = options,
	.parser = parse,
	.doc = "Tell whether slotgate is on in this machine's kernel, and what it did.",
};

/* Columns in this order; what else the module counts is in the JSON. */
static const struct {
	const char *counter, *heading;
} columns[] = {
	{ "events", "events" }, { "removals", "removals" }, { "resets", "resets" },
	{ "refused", "refused" }, { "deferred", "deferred" }, { "waited", "waited" },
	{ "longest_wait_ms", "longest wait" },
};
#define NCOLUMNS (sizeof(columns) / sizeof(*columns))

static unsigned long counter_value(const struct sg_counters *counters, const char *name)
{
	for (size_t i = 0; i < counters->count; i++)
		if (!strcmp(counters->counter[i].name, name))
			return counters->counter[i].value;
	return 0;
}

static void print_slot(const struct sg_counters *slot)
{
	printf("%-10s", slot->name);
	for (size_t i = 0; i < NCOLUMNS - 1; i++)
		printf(" %9lu", counter_value(slot, columns[i].counter));
	printf(" %9lu ms\n", counter_value(slot, columns[NCOLUMNS - 1].counter));
}

static void print_slots(const struct sg_patch_status *status)
{
	if (!status->nslots) {
		printf("no hot-plug slots\n");
		return;
	}
	printf("%-10s", "slot");
	for (size_t i = 0; i < NCOLUMNS; i++)
		printf(" %9s", columns[i].heading);
	putchar('\n');
	for (size_t i = 0; i < status->nslots; i++)
		print_slot(&status->slots[i]);
	printf("topology gate: %lu waits, longest %lu ms, %lu left\n",
	       counter_value(&status->topology, "waited"),
	       counter_value(&status->topology, "longest_wait_ms"),
	       counter_value(&status->topology, "left"));
}

static void print_status(const struct sg_patch_status *status)
{
	if (status->state == SG_PATCH_NONE) {
		printf("slotgate is not loaded: this kernel runs as its distribution made it\n");
		return;
	}
	printf("slotgate %s: %s\n", status->version, sg_patch_state_name(status->state));
	for (size_t i = 0; i < status->ntakeovers; i++)
		printf("livepatch %s has taken over %s of %s: slotgate's part in it is out of force\n",
		       status->takeovers[i].patch, status->takeovers[i].function,
		       status->takeovers[i].object);
	print_slots(status);
}

static void print_json(const struct sg_patch_status *status)
{
	struct json_object *json = sg_patch_to_json(status);

	puts(json_object_to_json_string_ext(json, JSON_C_TO_STRING_PRETTY));
	json_object_put(json);
}

int cmd_status(int argc, char **argv)
{
	struct sg_patch_status status;
	bool json = false;
	int healthy, err;

	err = argp_parse(&cmd_status_argp, argc, argv, 0, NULL, &json);
	if (err)
		return SG_EXIT_USAGE;
	err = sg_patch_read("", &status);
	if (err)
		return sg_cmd_fail(SG_EXIT_FAILURE, "status: %s", strerror(-err));

	(json ? print_json : print_status)(&status);
	healthy = status.state == SG_PATCH_ON && !status.ntakeovers;
	sg_patch_status_deinit(&status);
	return healthy ? SG_EXIT_OK : SG_EXIT_FAILURE;
}
