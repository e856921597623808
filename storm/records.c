// SPDX-License-Identifier: GPL-2.0-only
/*
 * records.c - what a storm tells of itself, as JSON
 */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "file.h"
#include "storm.h"

#define SLOW_MS 3000	/* a call that is told how long it has taken so far */

struct json_object *storm_record(const char *type)
{
	struct json_object *record = json_object_new_object();

	json_object_object_add(record, "t", json_object_new_string(type));
	json_object_object_add(record, "ms", json_object_new_int64(clock_ms()));
	return record;
}

void storm_emit(const struct storm *storm, struct json_object *record)
{
	if (storm->config->emit)
		storm->config->emit(storm->config->data, record);
	else
		json_object_put(record);
}

static void add_number(struct json_object *object, const char *name, int64_t value)
{
	json_object_object_add(object, name, json_object_new_int64(value));
}

static void add_text(struct json_object *object, const char *name, const char *text)
{
	json_object_object_add(object, name, json_object_new_string(text));
}

/* Actors that were asked for and cannot do anything here, and why. */
static struct json_object *left_out_json(const struct storm_config *config)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; storm_actors[i]; i++) {
		const struct storm_actor *actor = storm_actors[i];
		const char *why = config->actors & 1u << i && actor->lacks ?
				  actor->lacks(config) : NULL;
		struct json_object *object;

		if (!why)
			continue;
		object = json_object_new_object();
		add_text(object, "actor", actor->name);
		add_text(object, "why", why);
		json_object_array_add(list, object);
	}
	return list;
}

void storm_emit_begin(const struct storm *storm)
{
	struct json_object *record = storm_record("storm-begin");
	struct utsname name;

	add_number(record, "seed", storm->config->seed);
	add_number(record, "slots", storm->config->nslots);
	add_number(record, "seconds", storm->config->seconds);
	add_number(record, "jobs", storm->config->jobs);
	add_number(record, "rate", storm->config->rate);
	add_text(record, "kernel", uname(&name) ? "" : name.release);
	json_object_object_add(record, "left_out", left_out_json(storm->config));
	storm_emit(storm, record);
}

/* The first job that is at work on it. */
static const struct storm_job *job_on(const struct storm *storm, unsigned int slot)
{
	for (unsigned int i = 0; i < storm->config->jobs; i++) {
		const struct storm_job *job = &storm->jobs[i];

		for (unsigned int s = 0; job->pid && s < job->op.nslots; s++)
			if (job->op.slots[s] == slot)
				return job;
	}
	return NULL;
}

/* Who has its device open through vfio. */
static void owner_of(const struct storm *storm, unsigned int slot, char *buf, size_t size)
{
	*buf = '\0';
	for (unsigned int i = 0; i < storm->config->jobs; i++) {
		const struct storm_job *job = &storm->jobs[i];

		for (unsigned int s = 0; job->pid && s < job->op.nslots; s++)
			if (job->op.slots[s] == slot && job->open & 1u << s)
				snprintf(buf, size, "o%u", job->op.serial);
	}
}

static const char *state_of(const struct storm_slot *slot, bool present)
{
	if (present)
		return "on";
	return file_exists("/sys/bus/pci/devices/%s", slot->port) ? "off" : "no port";
}

static struct json_object *slot_json(const struct storm *storm, unsigned int index)
{
	const struct storm_slot *slot = &storm->config->slots[index];
	const struct storm_slot_tally *tally = &storm->slots[index];
	const struct storm_job *job = job_on(storm, index);
	const char *step = job ? job->step : NULL;
	struct json_object *object = json_object_new_object();
	char driver[64] = "", doing[96] = "", owner[16];
	bool present = storm_slot_present(slot);

	if (present)
		file_link(driver, sizeof(driver), "/sys/bus/pci/devices/%s/driver", slot->device);
	if (job)
		snprintf(doing, sizeof(doing), "%s %s%s%s", job->op.actor->name,
			 job->op.actor->ways[job->op.way], step ? ": " : "", step ? step : "");
	if (step && clock_ms() > job->step_since + SLOW_MS)
		snprintf(doing + strlen(doing), sizeof(doing) - strlen(doing), " for %llu s",
			 (unsigned long long)(clock_ms() - job->step_since) / 1000);
	owner_of(storm, index, owner, sizeof(owner));
	add_text(object, "slot", slot->name);
	add_text(object, "state", state_of(slot, present));
	add_text(object, "device", present ? slot->device : "");
	add_text(object, "driver", driver);
	add_text(object, "owner", owner);
	add_text(object, "doing", doing);
	add_number(object, "ops", tally->ops);
	add_number(object, "refused", tally->refused);
	add_number(object, "slowest_ms", tally->slowest_ms);
	return object;
}

static struct json_object *slots_json(const struct storm *storm)
{
	struct json_object *list = json_object_new_array();

	for (unsigned int i = 0; i < storm->config->nslots; i++)
		json_object_array_add(list, slot_json(storm, i));
	return list;
}

static unsigned int calls(const struct storm *storm)
{
	unsigned int sum = 0;

	for (unsigned int i = 0; i < storm->config->nslots; i++)
		sum += storm->slots[i].ops;
	return sum;
}

static void add_totals(const struct storm *storm, struct json_object *record)
{
	add_number(record, "elapsed_ms", clock_ms() - storm->start_ms);
	add_number(record, "seconds", storm->config->seconds);
	add_number(record, "begun", storm->begun);
	add_number(record, "calls", calls(storm));
	add_number(record, "kernel_kib", storm->last_kib);
}

/* Parts that were over before anybody looked are left out. */
static struct json_object *parts_json(const struct storm *storm)
{
	struct json_object *list = json_object_new_array();

	for (unsigned int i = 0; i < STORM_PARTS; i++)
		if (storm->parts_kib[i].count)
			json_object_array_add(list, json_object_new_int64(storm->parts_kib[i].sum /
									  storm->parts_kib[i].count));
	return list;
}

static const char *phase(const struct storm *storm)
{
	if (storm->settling)
		return "restoring";
	return storm->verdict != STORM_PASSED || clock_ms() >= storm->start_ms +
		storm->config->seconds * 1000ULL ? "ending" : "storm";
}

void storm_emit_state(const struct storm *storm)
{
	struct json_object *record = storm_record("storm-state");

	add_totals(storm, record);
	add_text(record, "phase", phase(storm));
	json_object_object_add(record, "slots", slots_json(storm));
	storm_emit(storm, record);
}

void storm_emit_end(const struct storm *storm)
{
	struct json_object *record = storm_record("storm-end");

	add_text(record, "verdict", storm_verdict_name(storm->verdict));
	add_text(record, "reason", storm->reason);
	add_totals(storm, record);
	json_object_object_add(record, "restored", json_object_new_boolean(storm->restored));
	add_number(record, "first_kib", storm->first_kib);
	add_number(record, "most_kib", storm->most_kib);
	json_object_object_add(record, "mean_kib", parts_json(storm));
	json_object_object_add(record, "kinds", storm_tally_json(storm));
	json_object_object_add(record, "module", storm_counters_json(storm));
	json_object_object_add(record, "slots", slots_json(storm));
	storm_emit(storm, record);
}
