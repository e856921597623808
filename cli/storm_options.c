// SPDX-License-Identifier: GPL-2.0-only
/*
 * storm_options.c - options that "storm" and "lab storm" share, and the plan
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "slotgate/cleanup.h"
#include "slotgate/nearest.h"
#include "slotgate/number.h"
#include "storm_cli.h"

enum { SECONDS_MAX = 7 * 86400, RATE_MAX = 60000, PATIENCE_MAX = 3600 };

enum key {
	KEY_FOR = 1024, KEY_JOBS, KEY_ACTORS, KEY_SEED, KEY_RATE, KEY_PATIENCE, KEY_JSON, KEY_PLAN,
};

static const struct argp_option option_table[] = {
	{ "for", KEY_FOR, "TIME", 0, "how long: seconds, or 10m, 1h (default 60)", 0 },
	{ "jobs", KEY_JOBS, "N", 0, "operations at once (default 8)", 0 },
	{ "actors", KEY_ACTORS, "A,B,...", 0, "only these, or all but these with a - in front", 0 },
	{ "seed", KEY_SEED, "N", 0, "the same seed gives the same plan (default 1)", 0 },
	{ "rate", KEY_RATE, "N", 0, "operations begun per minute (default 120)", 0 },
	{ "patience", KEY_PATIENCE, "S", 0, "seconds until a call counts as hung (default 120)", 0 },
	{ "json", KEY_JSON, NULL, 0, "report as JSON", 0 },
	{ "plan", KEY_PLAN, NULL, 0, "print the plan and stop", 0 },
	{ 0 }
};

static const struct {
	int key;
	const char *name;
	uint64_t low, high;
	size_t offset;
} numbers[] = {
	{ KEY_JOBS, "jobs", 1, STORM_JOBS_MAX, offsetof(struct storm_config, jobs) },
	{ KEY_RATE, "rate", 1, RATE_MAX, offsetof(struct storm_config, rate) },
	{ KEY_PATIENCE, "patience", 1, PATIENCE_MAX, offsetof(struct storm_config, patience_s) },
};

void storm_cli_defaults(struct storm_options *options)
{
	options->config = (struct storm_config){
		.seed = 1, .seconds = 60, .jobs = 8, .rate = 120, .patience_s = 120,
	};
	for (size_t i = 0; storm_actors[i]; i++)
		options->config.actors |= 1u << i;
}

uint32_t storm_cli_actor(const char *name)
{
	for (size_t i = 0; storm_actors[i]; i++)
		if (!strcmp(storm_actors[i]->name, name))
			return 1u << i;
	return 0;
}

int storm_cli_number(const char *name, const char *arg, uint64_t low, uint64_t high,
		     uint64_t *ret)
{
	if (!sg_number_parse(arg, low, high, ret))
		return 0;
	sg_cmd_fail(0, "--%s wants a number from %llu to %llu, not \"%s\"", name,
		    (unsigned long long)low, (unsigned long long)high, arg);
	return EINVAL;
}

const char *storm_cli_lack(const struct storm_config *config)
{
	for (size_t i = 0; storm_actors[i]; i++) {
		const char *why = config->actors & 1u << i && storm_actors[i]->lacks ?
				  storm_actors[i]->lacks(config) : NULL;

		if (why)
			return why;
	}
	return "";
}

static const char *actor_name(const void *unused, size_t index)
{
	(void)unused;
	return storm_actors[index] ? storm_actors[index]->name : NULL;
}

static int no_actor(const char *name)
{
	sg_autofree char *hint = sg_nearest(name, actor_name, NULL);

	sg_cmd_fail(0, "unknown actor \"%s\"%s; there are:", name, hint ? hint : "");
	for (size_t i = 0; storm_actors[i]; i++)
		fprintf(stderr, "  %-8s %s\n", storm_actors[i]->name, storm_actors[i]->summary);
	return EINVAL;
}

/* "-yank,button": all but these. */
static int set_actors(struct storm_config *config, const char *arg)
{
	bool without = *arg == '-';
	sg_autofree char *text = strdup(arg + without);
	uint32_t named = 0;
	char *save = NULL;

	for (char *name = strtok_r(text, ",", &save); name; name = strtok_r(NULL, ",", &save)) {
		uint32_t bit = storm_cli_actor(name);

		if (!bit)
			return no_actor(name);
		named |= bit;
	}
	config->actors = without ? config->actors & ~named : named;
	if (config->actors)
		return 0;
	sg_cmd_fail(0, "--actors %s leaves nobody", arg);
	return EINVAL;
}

/* "90", "90s", "10m", "1h" */
static int set_seconds(struct storm_config *config, const char *arg)
{
	static const struct { char unit; unsigned int seconds; } units[] = {
		{ '\0', 1 }, { 's', 1 }, { 'm', 60 }, { 'h', 3600 },
	};
	char *end;
	unsigned long long value = strtoull(arg, &end, 10);

	for (size_t i = 0; i < sizeof(units) / sizeof(*units) && end != arg && *arg != '-'; i++)
		if (*end == units[i].unit && (!*end || !end[1]) && value &&
		    value <= SECONDS_MAX / units[i].seconds) {
			config->seconds = value * units[i].seconds;
			return 0;
		}
	sg_cmd_fail(0, "--for wants a time up to 7 days, as 90, 10m or 1h, not \"%s\"", arg);
	return EINVAL;
}

static error_t set_number(struct storm_config *config, size_t index, const char *arg)
{
	uint64_t value;
	int err = storm_cli_number(numbers[index].name, arg, numbers[index].low,
				   numbers[index].high, &value);

	if (!err)
		*(unsigned int *)((char *)config + numbers[index].offset) = value;
	return err;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct storm_options *options = state->input;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		if (numbers[i].key == key)
			return set_number(&options->config, i, arg);
	switch (key) {
	case KEY_FOR:
		return set_seconds(&options->config, arg);
	case KEY_ACTORS:
		return set_actors(&options->config, arg);
	case KEY_SEED:
		return storm_cli_number("seed", arg, 0, INT64_MAX, &options->config.seed);
	case KEY_JSON:
		options->json = true;
		return 0;
	case KEY_PLAN:
		options->plan_only = true;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

const struct argp storm_cli_argp = { option_table, parse, NULL, NULL, NULL, NULL, NULL };

void storm_cli_plan(FILE *out, const struct storm_config *config)
{
	struct storm storm = { .config = config };
	char line[256];

	storm_plan_init(&storm);
	for (;;) {
		storm_plan_next(&storm, &storm.next);
		if (storm.next.due_ms >= config->seconds * 1000ULL)
			return;
		storm_op_text(config, &storm.next, line, sizeof(line));
		fprintf(out, "%s\n", line);
	}
}
