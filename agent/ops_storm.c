// SPDX-License-Identifier: GPL-2.0-only
/*
 * ops_storm.c - a storm (storm/) let loose on this guest
 *
 * The storm tells the host of itself by records; its host's part, plugging, is
 * done by records as well.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ops.h"
#include "storm.h"

static void ask_plug(const char *slot)
{
	plug_try(atoi(slot));
}

static void ask_unplug(const char *slot)
{
	struct json_object *rec = record("unplug");

	json_object_object_add(rec, "slot", json_object_new_int(atoi(slot)));
	/* another process may have been faster: then there is nothing to do */
	json_object_object_add(rec, "try", json_object_new_boolean(true));
	report(rec);
}

static void emit(void *unused, struct json_object *rec)
{
	(void)unused;
	report(rec);
}

static void set_actors(struct storm_config *config, const char *names)
{
	char text[256], *save = NULL;

	snprintf(text, sizeof(text), "%s", names);
	for (char *name = strtok_r(text, ",", &save); name; name = strtok_r(NULL, ",", &save)) {
		size_t i = 0;

		while (storm_actors[i] && strcmp(storm_actors[i]->name, name))
			i++;
		if (!storm_actors[i])
			die("there is no actor \"%s\"", name);
		config->actors |= 1u << i;
	}
}

/* Options stand in front of the slots; returns false for a word that is none. */
static bool set_option(struct storm_config *config, const char *word)
{
	static const struct {
		const char *name;
		size_t offset;
	} numbers[] = {
		{ "seconds=", offsetof(struct storm_config, seconds) },
		{ "jobs=", offsetof(struct storm_config, jobs) },
		{ "rate=", offsetof(struct storm_config, rate) },
		{ "patience=", offsetof(struct storm_config, patience_s) },
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		size_t len = strlen(numbers[i].name);

		if (strncmp(word, numbers[i].name, len))
			continue;
		*(unsigned int *)((char *)config + numbers[i].offset) = number_arg(word + len);
		return true;
	}
	if (!strncmp(word, "seed=", strlen("seed=")))
		config->seed = strtoull(word + strlen("seed="), NULL, 10);
	else if (!strncmp(word, "actors=", strlen("actors=")))
		set_actors(config, word + strlen("actors="));
	else
		return false;
	return true;
}

static void add_slot(struct storm_config *config, const char *name)
{
	if (config->nslots == STORM_SLOTS_MAX)
		die("more than %d slots", STORM_SLOTS_MAX);
	if (storm_slot_find("", name, &config->slots[config->nslots++]))
		die("there is no slot %s", name);
}

/* For the evidence: who is who among the processes of the storm. */
static void adopt(const struct storm *storm)
{
	for (unsigned int i = 0; i < storm->config->jobs; i++) {
		const struct storm_job *job = &storm->jobs[i];
		struct proc *proc;
		char id[ID_MAX], role[64];

		if (!job->pid)
			continue;
		snprintf(id, sizeof(id), "o%u", job->op.serial);
		snprintf(role, sizeof(role), "%s %s", job->open ? "owner" : job->op.actor->name, id);
		proc = proc_adopt(id, role, job->pid);
		if (!job->open)
			continue;
		proc->owner = owner_create(id);
		for (unsigned int s = 0; s < job->op.nslots; s++) {
			const struct storm_slot *slot = &storm->config->slots[job->op.slots[s]];

			if (!(job->open & 1u << s))
				continue;
			proc->owner->slots[proc->owner->count] = atoi(slot->name);
			strcpy(proc->owner->devices[proc->owner->count++], slot->device);
		}
	}
}

void op_storm(char **words, unsigned int count)
{
	static struct storm_config config;
	static struct storm storm;
	unsigned int i = 0;

	config = (struct storm_config){
		.seconds = 60, .jobs = 4, .rate = 60, .patience_s = 120, .emit = emit, .lock_fd = -1,
		.host = { .plug = ask_plug, .unplug = ask_unplug, .pull = pull },
	};
	while (i < count && set_option(&config, words[i]))
		i++;
	for (; i < count; i++)
		add_slot(&config, words[i]);
	if (!config.nslots || !config.actors || !config.rate || !config.jobs ||
	    config.jobs > STORM_JOBS_MAX)
		die("a storm of what?");
	config.patience_s *= wait_pace_now();
	if (storm_run(&config, &storm))
		die("no memory for a storm");
	if (storm.verdict == STORM_HUNG) {
		adopt(&storm);
		hung("%s", storm.reason);
	}
	if (storm.verdict != STORM_PASSED)
		wrong("%s", storm.reason);
	storm_deinit(&storm);
}
