// SPDX-License-Identifier: GPL-2.0-only
/*
 * livepatch.c - the state of slotgate.ko in a running kernel
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "slotgate/cleanup.h"
#include "slotgate/livepatch.h"

#define PATCHES "/sys/kernel/livepatch"
#define OURS "slotgate"

static const char *const state_names[] = {
	[SG_PATCH_NONE] = "not loaded",
	[SG_PATCH_SWITCHING_ON] = "switching on",
	[SG_PATCH_ON] = "on",
	[SG_PATCH_SWITCHING_OFF] = "switching off",
	[SG_PATCH_OFF] = "off, module still loaded",
};

const char *sg_patch_state_name(enum sg_patch_state state)
{
	return state_names[state];
}

/* First line of a small file, without its newline; -1 if it cannot be read. */
static int read_line(const char *path, char *ret, size_t size)
{
	sg_autofclose FILE *file = fopen(path, "re");

	if (!file || !fgets(ret, size, file))
		return -1;
	ret[strcspn(ret, "\n")] = '\0';
	return 0;
}

static bool reads_one(const char *root, const char *file)
{
	char path[PATH_MAX], line[16];

	snprintf(path, sizeof(path), "%s" PATCHES "/" OURS "/%s", root, file);
	return !read_line(path, line, sizeof(line)) && !strcmp(line, "1");
}

static bool exists(const char *root, const char *path)
{
	char full[PATH_MAX];

	snprintf(full, sizeof(full), "%s%s", root, path);
	return !access(full, F_OK);
}

enum sg_patch_state sg_patch_state(const char *root)
{
	bool enabled, transition;

	if (!exists(root, PATCHES "/" OURS))
		return exists(root, "/sys/module/" OURS) ? SG_PATCH_OFF : SG_PATCH_NONE;

	enabled = reads_one(root, "enabled");
	transition = reads_one(root, "transition");
	if (enabled)
		return transition ? SG_PATCH_SWITCHING_ON : SG_PATCH_ON;
	return SG_PATCH_SWITCHING_OFF;
}

/* Names in a folder, sorted, without dot files; as scandir(). */
static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int list(const char *path, struct dirent ***ret)
{
	int count = scandir(path, ret, visible, versionsort);

	if (count < 0)
		*ret = NULL;
	return count < 0 ? 0 : count;
}

static void list_free(struct dirent **entries, int count)
{
	while (count-- > 0)
		free(entries[count]);
	free(entries);
}

static void read_counters(const char *folder, const char *name,
			  struct sg_counters *ret)
{
	struct dirent **files;
	int count = list(folder, &files);
	char path[PATH_MAX], line[32];

	memset(ret, 0, sizeof(*ret));
	snprintf(ret->name, sizeof(ret->name), "%s", name);
	for (int i = 0; i < count && ret->count < SG_COUNTERS_MAX; i++) {
		struct sg_counter *counter = &ret->counter[ret->count];

		snprintf(path, sizeof(path), "%s/%s", folder, files[i]->d_name);
		if (read_line(path, line, sizeof(line)))
			continue;
		snprintf(counter->name, sizeof(counter->name), "%.31s", files[i]->d_name);
		counter->value = strtoul(line, NULL, 10);
		ret->count++;
	}
	list_free(files, count);
}

static int read_slots(const char *root, struct sg_patch_status *ret)
{
	char folder[PATH_MAX], path[PATH_MAX + 256];
	struct dirent **entries;
	int count;

	snprintf(folder, sizeof(folder), "%s/sys/kernel/slotgate/slots", root);
	count = list(folder, &entries);
	ret->slots = calloc(count + 1, sizeof(*ret->slots));
	for (int i = 0; ret->slots && i < count; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		read_counters(path, entries[i]->d_name, &ret->slots[ret->nslots++]);
	}
	list_free(entries, count);
	return ret->slots ? 0 : -ENOMEM;
}

static int add_takeover(struct sg_patch_status *ret, const char *patch,
			const char *object, const char *function)
{
	struct sg_takeover *more;

	more = reallocarray(ret->takeovers, ret->ntakeovers + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	ret->takeovers = more;
	more += ret->ntakeovers++;
	snprintf(more->patch, sizeof(more->patch), "%s", patch);
	snprintf(more->object, sizeof(more->object), "%s", object);
	/* Livepatch writes FUNCTION,POSITION. */
	snprintf(more->function, sizeof(more->function), "%.*s",
		 (int)strcspn(function, ","), function);
	return 0;
}

/* Does @patch change @function of @object?  If so it came after us. */
static int look_for(const char *root, const char *patch, const char *object,
		    const char *function, struct sg_patch_status *ret)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), PATCHES "/%s/%s/%s", patch, object, function);
	if (!strcmp(patch, OURS) || !strchr(function, ',') || !exists(root, path))
		return 0;
	return add_takeover(ret, patch, object, function);
}

static int look_through(const char *root, const char *object,
			struct dirent **patches, int npatches,
			struct sg_patch_status *ret)
{
	char path[PATH_MAX];
	struct dirent **functions;
	int nfunctions, err = 0;

	snprintf(path, sizeof(path), "%s" PATCHES "/" OURS "/%s", root, object);
	nfunctions = list(path, &functions);
	for (int f = 0; f < nfunctions; f++)
		for (int p = 0; p < npatches && !err; p++)
			err = look_for(root, patches[p]->d_name, object,
				       functions[f]->d_name, ret);
	list_free(functions, nfunctions);
	return err;
}

/*
 * slotgate refuses to load where another livepatch already changes one of its
 * functions, so one that does came later, and its version is the one that runs.
 */
static int read_takeovers(const char *root, struct sg_patch_status *ret)
{
	char path[PATH_MAX];
	struct dirent **patches, **objects;
	int npatches, nobjects, err = 0;

	snprintf(path, sizeof(path), "%s" PATCHES, root);
	npatches = list(path, &patches);
	snprintf(path, sizeof(path), "%s" PATCHES "/" OURS, root);
	nobjects = list(path, &objects);
	for (int i = 0; i < nobjects && !err; i++)
		err = look_through(root, objects[i]->d_name, patches, npatches, ret);
	list_free(patches, npatches);
	list_free(objects, nobjects);
	return err;
}

int sg_patch_read(const char *root, struct sg_patch_status *ret)
{
	struct sg_patch_status status = { .state = sg_patch_state(root) };
	char path[PATH_MAX];
	int err;

	snprintf(path, sizeof(path), "%s/sys/module/" OURS "/version", root);
	if (read_line(path, status.version, sizeof(status.version)))
		status.version[0] = '\0';
	snprintf(path, sizeof(path), "%s/sys/kernel/slotgate/topology", root);
	read_counters(path, "topology", &status.topology);

	err = read_slots(root, &status);
	if (!err)
		err = read_takeovers(root, &status);
	if (err)
		sg_patch_status_deinit(&status);
	else
		*ret = status;
	return err;
}

void sg_patch_status_deinit(struct sg_patch_status *status)
{
	free(status->slots);
	free(status->takeovers);
	status->slots = NULL;
	status->takeovers = NULL;
}

static struct json_object *counters_to_json(const struct sg_counters *counters)
{
	struct json_object *json = json_object_new_object();

	for (size_t i = 0; i < counters->count; i++)
		json_object_object_add(json, counters->counter[i].name,
				       json_object_new_int64(counters->counter[i].value));
	return json;
}

static struct json_object *takeovers_to_json(const struct sg_patch_status *status)
{
	struct json_object *all = json_object_new_array(), *one;

	for (size_t i = 0; i < status->ntakeovers; i++) {
		one = json_object_new_object();
		json_object_object_add(one, "patch",
				       json_object_new_string(status->takeovers[i].patch));
		json_object_object_add(one, "object",
				       json_object_new_string(status->takeovers[i].object));
		json_object_object_add(one, "function",
				       json_object_new_string(status->takeovers[i].function));
		json_object_array_add(all, one);
	}
	return all;
}

struct json_object *sg_patch_to_json(const struct sg_patch_status *status)
{
	struct json_object *json = json_object_new_object();
	struct json_object *slots = json_object_new_object();

	json_object_object_add(json, "state",
			       json_object_new_string(sg_patch_state_name(status->state)));
	json_object_object_add(json, "loaded",
			       json_object_new_boolean(status->state != SG_PATCH_NONE));
	json_object_object_add(json, "version", json_object_new_string(status->version));
	for (size_t i = 0; i < status->nslots; i++)
		json_object_object_add(slots, status->slots[i].name,
				       counters_to_json(&status->slots[i]));
	json_object_object_add(json, "slots", slots);
	json_object_object_add(json, "topology", counters_to_json(&status->topology));
	json_object_object_add(json, "taken_over", takeovers_to_json(status));
	return json;
}

int sg_patch_disable(const char *root)
{
	char path[PATH_MAX];
	sg_autoclose int fd = -1;

	snprintf(path, sizeof(path), "%s" PATCHES "/" OURS "/enabled", root);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "0", 1) < 0)
		return -errno;
	return 0;
}
