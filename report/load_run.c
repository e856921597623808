// SPDX-License-Identifier: GPL-2.0-only
/*
 * load_run.c - the folder that a run left, see lab/keep.c
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "load.h"
#include "slotgate/cleanup.h"
#include "slotgate/strv.h"

/* Records that are kept as files of their own, or that nothing of the page is made of. */
static const char *const large[] = { "file", "trace", NULL };

static bool is_one_of(const char *word, const char *const *list)
{
	for (; *list; list++)
		if (!strcmp(*list, word))
			return true;
	return false;
}

static char *inside(const char *folder, const char *name)
{
	char *path = sg_format("%s/%s", folder, name);

	if (path && access(path, R_OK)) {
		free(path);
		return NULL;
	}
	return path;
}

bool load_is_run(const char *folder)
{
	static const char *const files[] = { "result.json", "records.jsonl", "storm.json" };
	bool found = false;

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		sg_autofree char *path = inside(folder, files[i]);

		found |= path != NULL;
	}
	return found;
}

int load_json_file(const char *path, struct json_object **ret, struct sg_error *err)
{
	sg_autofree char *text = NULL;
	size_t size;
	int code = sg_file_read(path, &text, &size);

	if (code)
		return sg_error_set(err, code, "cannot read %s: %s", path, strerror(-code));
	*ret = json_tokener_parse(text);
	if (json_object_is_type(*ret, json_type_object))
		return 0;
	json_object_put(*ret);
	*ret = NULL;
	return sg_error_set(err, -EINVAL, "%s: broken JSON", path);
}

/* A record that is cut off, of a guest that died or a run that goes on, is counted. */
static void take_record(struct report_entry *entry, const char *line)
{
	struct json_object *record = json_tokener_parse(line);
	const char *type = json_text(record, "t");

	if (!*type)
		entry->broken++;
	if (!*type || is_one_of(type, large)) {
		json_object_put(record);
		return;
	}
	if (!strcmp(type, "evidence")) {
		if (!entry->evidence)
			entry->evidence = json_object_get(record);
		json_object_put(record);
		return;
	}
	json_object_array_add(entry->records, record);
}

static int load_records(struct report_entry *entry, const char *path, struct sg_error *err)
{
	sg_autofree char *text = NULL;
	char *save = NULL;
	size_t size;
	int code = sg_file_read(path, &text, &size);

	if (code)
		return sg_error_set(err, code, "cannot read %s: %s", path, strerror(-code));
	entry->records = json_object_new_array();
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		take_record(entry, line);
	return 0;
}

static int optional_json(const char *folder, const char *name, struct json_object **ret,
			 struct sg_error *err)
{
	sg_autofree char *path = inside(folder, name);

	return path && !*ret ? load_json_file(path, ret, err) : 0;
}

int load_run_files(struct report *report, struct report_entry *entry, const char *folder,
		   struct sg_error *err)
{
	sg_autofree char *records = inside(folder, "records.jsonl"), *trace = inside(folder, "trace");
	int code = optional_json(folder, "evidence.json", &entry->evidence, err);

	if (!code && records)
		code = load_records(entry, records, err);
	if (!code && trace)
		code = report->predict(trace, &entry->prediction, err);
	entry->folder = strdup(folder);
	return code ? code : entry->folder ? 0 : sg_error_set(err, -ENOMEM, "out of memory");
}

/* "vfio-close-1-stock": what lab/runs.c calls a folder; another name stands for itself. */
static int name_by_folder(struct report_entry *entry, const char *folder)
{
	sg_autofree char *name = strdup(folder);
	char *with, *seed, *end;
	long long number;

	if (!name)
		return -ENOMEM;
	for (size_t len = strlen(name); len && name[len - 1] == '/'; len--)
		name[len - 1] = '\0';
	with = strrchr(name, '-');
	if (!with || (strcmp(with, "-stock") && strcmp(with, "-slotgate")))
		return 0;
	*with = '\0';
	seed = strrchr(name, '-');
	if (!seed || !isdigit(seed[1]))
		return 0;
	*seed = '\0';
	number = strtoll(seed + 1, &end, 10);
	if (*end)
		return 0;
	return entry_name(entry, strrchr(name, '/') ? strrchr(name, '/') + 1 : name, number, with + 1);
}

/* Of a storm on a machine of one's own, which has no guest that reports. */
static int add_storm(struct report_entry *entry, const char *folder, struct sg_error *err)
{
	struct json_object *storm = NULL;
	int code = optional_json(folder, "storm.json", &storm, err);

	if (storm && load_storm(entry, storm))
		code = sg_error_set(err, -ENOMEM, "out of memory");
	json_object_put(storm);
	return code;
}

/* It may be what a diagnosis printed, with the evidence inside. */
static void unwrap_evidence(struct report_entry *entry)
{
	struct json_object *inside = json_object_get(json_object_of(entry->evidence, "evidence"));

	if (!inside)
		return;
	json_object_put(entry->evidence);
	entry->evidence = inside;
}

int load_run(struct report *report, const char *folder, struct sg_error *err)
{
	struct report_entry *entry = entry_add(report, folder);
	int code;

	if (!entry || name_by_folder(entry, folder))
		return sg_error_set(err, -ENOMEM, "out of memory");
	code = optional_json(folder, "result.json", &entry->result, err);
	if (!code && json_object_of(entry->result, "evidence"))
		entry->evidence = json_object_get(json_object_of(entry->result, "evidence"));
	if (!code)
		code = load_run_files(report, entry, folder, err);
	if (!code && !entry->records)
		code = add_storm(entry, folder, err);
	unwrap_evidence(entry);
	if (!code)
		entry_settle(entry);
	return code;
}
