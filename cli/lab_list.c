// SPDX-License-Identifier: GPL-2.0-only
/*
 * lab_list.c - slotgate lab list: the scenarios
 */
#include <argp.h>
#include <json-c/json.h>
#include <stdio.h>

#include "cmd.h"
#include "slotgate/scenario.h"

static const struct argp_option option_table[] = {
	{ "json", 'j', NULL, 0, "as JSON", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	if (key == ARGP_KEY_ARG)
		argp_error(state, "\"%s\" is one argument too many", arg);
	if (key != 'j')
		return ARGP_ERR_UNKNOWN;
	*(bool *)state->input = true;
	return 0;
}

static void add_text(struct json_object *object, const char *name, const char *text)
{
	json_object_object_add(object, name, text ? json_object_new_string(text) : NULL);
}

static struct json_object *describe_skips(const struct sg_skip *skips)
{
	struct json_object *list = json_object_new_array();

	for (; skips && skips->series; skips++) {
		struct json_object *object = json_object_new_object();

		add_text(object, "series", skips->series);
		add_text(object, "reason", skips->reason);
		json_object_array_add(list, object);
	}
	return list;
}

static struct json_object *describe_json(const struct sg_scenario *scenario)
{
	struct json_object *object = json_object_new_object();

	add_text(object, "name", scenario->name);
	add_text(object, "summary", scenario->summary);
	add_text(object, "cycle", scenario->cycle);
	add_text(object, "hangs_on", scenario->hangs_on);
	json_object_object_add(object, "drives_min", json_object_new_int(scenario->drives.min));
	json_object_object_add(object, "drives_max", json_object_new_int(scenario->drives.max));
	json_object_object_add(object, "skipped_on", describe_skips(scenario->skips));
	return object;
}

static void describe(const struct sg_scenario *scenario)
{
	printf("%-16s %s\n", scenario->name, scenario->summary);
	if (scenario->cycle)
		printf("%-16s   %s\n", "", scenario->cycle);
	if (scenario->hangs_on)
		printf("%-16s   fails on %s\n", "", scenario->hangs_on);
	for (const struct sg_skip *skip = scenario->skips; skip && skip->series; skip++)
		printf("%-16s   not run on %s: %s\n", "", skip->series, skip->reason);
}

const struct argp lab_list_argp = {
	option_table, parse, NULL, "The scenarios that \"slotgate lab run\" knows.",
	NULL, NULL, NULL
};

int lab_list(int argc, char **argv)
{
	struct json_object *list = json_object_new_array();
	bool json = false;

	argp_parse(&lab_list_argp, argc, argv, 0, NULL, &json);
	for (size_t i = 0; sg_scenarios[i]; i++) {
		if (json)
			json_object_array_add(list, describe_json(sg_scenarios[i]));
		else
			describe(sg_scenarios[i]);
	}
	if (json)
		puts(json_object_to_json_string_ext(list, SG_JSON_PRETTY));
	json_object_put(list);
	return SG_EXIT_OK;
}
