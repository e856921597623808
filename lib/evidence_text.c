// SPDX-License-Identifier: GPL-2.0-only
/*
 * evidence_text.c - the analysis in plain words, and as JSON
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence_internal.h"

/* @wait and @hold take the resource's name; @link leads to who holds it. */
static const struct {
	const char *wait;
	const char *hold;
	const char *link;
} words[] = {
	[SG_RES_NONE] = { "waits in a place that no rule knows", "", "held by" },
	[SG_RES_TOPOLOGY] = { "waits for %s", "holds %s", "held by" },
	[SG_RES_DEVICE] = { "waits for %s", "holds %s", "held by" },
	[SG_RES_RESET] = { "waits for %s", "holds %s", "held by" },
	[SG_RES_FILE] = { "waits until nobody is inside %s", "is inside %s", "where there is" },
	[SG_RES_THREAD] = { "waits until %s is done", "", "that is" },
	[SG_RES_SLOTS] = { "waits for %s", "holds %s", "held by" },
	[SG_RES_BUSES] = { "waits for %s", "holds %s", "held by" },
	[SG_RES_PCIBACK] = { "waits for %s", "holds %s", "held by" },
	[SG_RES_IGATE] = { "waits for %s", "holds %s", "held by" },
	[SG_RES_MEMORY] = { "waits for %s", "holds %s", "held by" },
	[SG_RES_RECOVERY] = { "waits until %s is over", "does %s", "done by" },
	[SG_RES_WORK] = { "waits for %s", "does %s", "done by" },
	[SG_RES_QUEUES] = { "waits for %s", "", "up to" },
	[SG_RES_OWNER] = { "waits until %s is closed", "has %s open", "opened by" },
	[SG_RES_ANSWER] = { "waits for %s to answer", "", "that is" },
};

/* "11/power" is slot 11's power file; other files go by folder and name. */
static void file_name(char *buf, size_t size, const char *name)
{
	size_t digits = strspn(name, "0123456789");

	if (digits && !strcmp(name + digits, "/power"))
		snprintf(buf, size, "slot %.*s's power file", (int)digits, name);
	else
		snprintf(buf, size, "the sysfs file %s", name);
}

void sg_resource_name(char *buf, size_t size, const struct sg_resource *res)
{
	const char *name = res->name[0] ? res->name : "some device";

	switch (res->kind) {
	case SG_RES_NONE:
		snprintf(buf, size, "%s", "");
		break;
	case SG_RES_TOPOLOGY:
		snprintf(buf, size, "the rescan/remove lock");
		break;
	case SG_RES_DEVICE:
		snprintf(buf, size, "the device lock of %s", name);
		break;
	case SG_RES_RESET:
		if (res->name[0])
			snprintf(buf, size, "slot %s's reset lock", res->name);
		else if (res->slot)
			snprintf(buf, size, "slot %u's reset lock", res->slot);
		else
			snprintf(buf, size, "some slot's reset lock");
		break;
	case SG_RES_FILE:
		if (res->name[0])
			file_name(buf, size, res->name);
		else
			snprintf(buf, size, "some sysfs file");
		break;
	case SG_RES_THREAD:
		if (res->name[0])
			snprintf(buf, size, "slot %s's interrupt thread", res->name);
		else if (res->slot)
			snprintf(buf, size, "slot %u's interrupt thread", res->slot);
		else
			snprintf(buf, size, "some slot's interrupt thread");
		break;
	case SG_RES_SLOTS:
		snprintf(buf, size, "the slot mutex");
		break;
	case SG_RES_BUSES:
		snprintf(buf, size, "the bus list semaphore");
		break;
	case SG_RES_PCIBACK:
		snprintf(buf, size, "xen-pciback's semaphore");
		break;
	case SG_RES_IGATE:
		snprintf(buf, size, "vfio's igate of %s", name);
		break;
	case SG_RES_MEMORY:
		snprintf(buf, size, "vfio's memory_lock of %s", name);
		break;
	case SG_RES_RECOVERY:
		snprintf(buf, size, "error recovery of %s", name);
		break;
	case SG_RES_WORK:
		snprintf(buf, size, "work of %s%s", res->name[0] ? "the driver of " : "a driver",
			 res->name);
		break;
	case SG_RES_QUEUES:
		snprintf(buf, size, "the queues of a drive");
		break;
	case SG_RES_OWNER:
	case SG_RES_ANSWER:
		snprintf(buf, size, "%s", name);
		break;
	}
}

/* The formats come from the table above only. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-extra-args"
void sg_resource_wait_text(char *buf, size_t size, const struct sg_resource *res)
{
	char name[160];

	sg_resource_name(name, sizeof(name), res);
	snprintf(buf, size, words[res->kind].wait, name);
}

void sg_resource_hold_text(char *buf, size_t size, const struct sg_resource *res)
{
	char name[160];

	sg_resource_name(name, sizeof(name), res);
	snprintf(buf, size, words[res->kind].hold, name);
}
#pragma GCC diagnostic pop

/* An owner of many drives gets one line for all. */
static void print_open(FILE *out, const struct sg_task *task)
{
	size_t count = 0;

	for (size_t i = 0; i < task->nholds; i++)
		if (task->holds[i].kind == SG_RES_OWNER)
			fprintf(out, "%s%s", count++ ? ", " : "    has open: ",
				task->holds[i].name);
	if (count)
		fprintf(out, "\n");
}

static void print_holds(FILE *out, const struct sg_task *task)
{
	char text[256];

	for (size_t i = 0; i < task->nholds; i++) {
		sg_resource_hold_text(text, sizeof(text), &task->holds[i]);
		if (text[0] && task->holds[i].kind != SG_RES_OWNER)
			fprintf(out, "    %s%s\n", text,
				task->holds[i].supposed ? ", as nobody else can" : "");
	}
	print_open(out, task);
}

void sg_task_print(FILE *out, const struct sg_task *task)
{
	char text[256];

	if (task->pid)
		fprintf(out, "%s (%s, pid %d)\n", task->who, task->comm, task->pid);
	else
		fprintf(out, "%s\n", task->who);
	print_holds(out, task);
	sg_resource_wait_text(text, sizeof(text), &task->waits);
	fprintf(out, "    %s  [%s]\n", text, task->function);
}

const char *sg_link_text(const struct sg_resource *res)
{
	return words[res->kind].link;
}

static const char *next_who(const struct sg_analysis *analysis, size_t step)
{
	if (step + 1 < analysis->npath)
		return analysis->tasks[analysis->path[step + 1]].who;
	return analysis->cycle ? analysis->tasks[analysis->path[0]].who : analysis->end;
}

static void print_path(FILE *out, const struct sg_analysis *analysis)
{
	char text[256];

	if (!analysis->npath)
		return;
	fprintf(out, analysis->cycle ? "cycle: " : "chain: ");
	for (size_t i = 0; i < analysis->npath; i++) {
		const struct sg_task *task = &analysis->tasks[analysis->path[i]];

		sg_resource_wait_text(text, sizeof(text), &task->waits);
		fprintf(out, "%s%s %s, %s %s", i ? ";\n       " : "", task->who, text,
			sg_link_text(&task->waits), next_who(analysis, i));
	}
	fprintf(out, analysis->cycle ? ".\nNone of them can ever go on.\n" : ".\n");
}

static void print(FILE *out, const struct sg_analysis *analysis)
{
	if (!analysis->ntasks)
		fprintf(out, "No task is stuck in PCI, vfio or sysfs code.\n");
	for (size_t i = 0; i < analysis->ntasks; i++)
		sg_task_print(out, &analysis->tasks[i]);
	print_path(out, analysis);
}

char *sg_evidence_explain(struct json_object *evidence)
{
	struct sg_analysis analysis;
	char *text = NULL;
	size_t size;
	FILE *out;

	if (sg_evidence_analyse(evidence, &analysis))
		return NULL;
	out = open_memstream(&text, &size);
	if (out) {
		print(out, &analysis);
		fclose(out);
	}
	sg_analysis_deinit(&analysis);
	return text;
}

static void add_text(struct json_object *obj, const char *key, const char *text)
{
	json_object_object_add(obj, key, json_object_new_string(text));
}

struct json_object *sg_task_to_json(const struct sg_task *task)
{
	struct json_object *ret = json_object_new_object();
	struct json_object *holds = json_object_new_array();
	char text[256];

	for (size_t i = 0; i < task->nholds; i++) {
		sg_resource_hold_text(text, sizeof(text), &task->holds[i]);
		if (text[0])
			json_object_array_add(holds, json_object_new_string(text));
	}
	json_object_object_add(ret, "pid", json_object_new_int(task->pid));
	add_text(ret, "comm", task->comm);
	add_text(ret, "who", task->who);
	add_text(ret, "function", task->function);
	json_object_object_add(ret, "holds", holds);
	sg_resource_wait_text(text, sizeof(text), &task->waits);
	add_text(ret, "waits", text);
	return ret;
}

static struct json_object *path_json(const struct sg_analysis *analysis)
{
	struct json_object *ret = json_object_new_array(), *step;
	char text[256];

	for (size_t i = 0; i < analysis->npath; i++) {
		const struct sg_task *task = &analysis->tasks[analysis->path[i]];

		step = json_object_new_object();
		json_object_object_add(step, "pid", json_object_new_int(task->pid));
		add_text(step, "who", task->who);
		sg_resource_wait_text(text, sizeof(text), &task->waits);
		add_text(step, "waits", text);
		add_text(step, "holder", next_who(analysis, i));
		json_object_array_add(ret, step);
	}
	return ret;
}

struct json_object *sg_evidence_to_json(struct json_object *evidence)
{
	struct sg_analysis analysis;
	struct json_object *ret, *tasks;

	if (sg_evidence_analyse(evidence, &analysis))
		return NULL;
	ret = json_object_new_object();
	tasks = json_object_new_array();
	for (size_t i = 0; i < analysis.ntasks; i++)
		json_object_array_add(tasks, sg_task_to_json(&analysis.tasks[i]));
	json_object_object_add(ret, "cycle", json_object_new_boolean(analysis.cycle));
	json_object_object_add(ret, "path", path_json(&analysis));
	json_object_object_add(ret, "tasks", tasks);
	sg_analysis_deinit(&analysis);
	return ret;
}
