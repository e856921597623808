// SPDX-License-Identifier: GPL-2.0-only
/*
 * slotgate diagnose [--from FILE|FOLDER] - name the hang of this machine, or of saved evidence
 *
 * Exit code 0 if nothing hangs, 1 if something does.
 */
#include <argp.h>
#include <errno.h>
#include <json-c/json.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd.h"
#include "slotgate/cleanup.h"
#include "slotgate/diagnose.h"
#include "slotgate/klog.h"
#include "slotgate/live.h"
#include "slotgate/number.h"

enum { WAIT_DEFAULT = 3, WAIT_MAX = 600, PATHS_MAX = 4096 };

struct options {
	const char *from;
	bool json;
	uint64_t wait;
};

enum key { KEY_FROM = 256, KEY_WAIT };

static const struct argp_option option_table[] = {
	{ "from", KEY_FROM, "FILE|FOLDER", 0,
	  "saved evidence instead of this machine: a folder of `slotgate lab run --keep`, evidence as "
	  "JSON, a kernel log; \"-\" for standard input", 0 },
	{ "wait", KEY_WAIT, "S", 0,
	  "a task hangs if it has not moved for S seconds (default 3)", 0 },
	{ "json", 'j', NULL, 0, "print JSON, with the evidence", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case KEY_FROM:
		options->from = arg;
		return 0;
	case 'j':
		options->json = true;
		return 0;
	case KEY_WAIT:
		if (!sg_number_parse(arg, 1, WAIT_MAX, &options->wait))
			return 0;
		sg_cmd_fail(0, "--wait wants a number from 1 to %d, not \"%s\"", WAIT_MAX, arg);
		return EINVAL;
	case ARGP_KEY_ARG:
		sg_cmd_fail(0, "unexpected argument \"%s\" (saved evidence goes with --from)", arg);
		return EINVAL;
	}
	return ARGP_ERR_UNKNOWN;
}

/* ---- saved evidence ---- */

/* What a folder may hold, the most telling first. */
static const char *const files[] = {
	"evidence.json", "sysrq-w.log", "sysrq-t.log", "hung-task.log", "dmesg", "dmesg.log",
	"dmesg.txt", "journal.log", "kern.log", "console.log", NULL
};

static int read_file(FILE *file, char **ret, size_t *size)
{
	char *text = NULL, chunk[65536];
	FILE *out = open_memstream(&text, size);
	size_t got;
	int err;

	if (!out)
		return -ENOMEM;
	while ((got = fread(chunk, 1, sizeof(chunk), file)) > 0)
		fwrite(chunk, 1, got, out);
	err = ferror(file) ? -errno : 0;
	if (fclose(out) && !err)
		err = -ENOMEM;
	if (err)
		free(text);
	else
		*ret = text;
	return err;
}

/* Evidence is JSON: by itself, or in the output of an earlier diagnosis. */
static int take_json(const char *path, struct json_object *json, struct json_object **ret,
		     struct sg_error *err)
{
	struct json_object *inside;

	if (json_object_object_get_ex(json, "evidence", &inside) &&
	    json_object_is_type(inside, json_type_object)) {
		*ret = json_object_get(inside);
		return 0;
	}
	if (!json_object_object_get_ex(json, "tasks", &inside))
		return sg_error_set(err, -EINVAL, "%s: JSON, but no evidence of a hang", path);
	*ret = json_object_get(json);
	return 0;
}

static int take_text(const char *path, const char *text, size_t size, struct json_object **ret,
		     struct sg_error *err)
{
	struct json_object *json;
	struct sg_error why;
	int code;

	if (text[strspn(text, " \t\r\n")] != '{') {
		code = sg_klog_evidence(text, size, ret, &why);
		return code ? sg_error_set(err, code, "%s: %.400s", path, why.text) : 0;
	}
	json = json_tokener_parse(text);
	if (!json_object_is_type(json, json_type_object)) {
		json_object_put(json);
		return sg_error_set(err, -EINVAL, "%s: broken JSON", path);
	}
	code = take_json(path, json, ret, err);
	json_object_put(json);
	return code;
}

static int from_file(const char *path, struct json_object **ret, struct sg_error *err)
{
	bool standard_input = !strcmp(path, "-");
	sg_autofclose FILE *file = standard_input ? fdopen(dup(STDIN_FILENO), "r") : fopen(path, "re");
	sg_autofree char *text = NULL;
	size_t size;
	int code;

	if (!file)
		return sg_error_set(err, -errno, "cannot read %s: %m", path);
	code = read_file(file, &text, &size);
	if (code)
		return sg_error_set(err, code, "cannot read %s: %s", path, strerror(-code));
	return take_text(standard_input ? "standard input" : path, text, size, ret, err);
}

static int from_folder(const char *folder, struct json_object **ret, struct sg_error *err)
{
	char path[PATHS_MAX];
	struct stat info;

	for (size_t i = 0; files[i]; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
		if (!stat(path, &info) && info.st_size)
			return from_file(path, ret, err);
	}
	return sg_error_set(err, -ENOENT, "%s: no evidence.json and no kernel log (dmesg.log, sysrq-w.log, ...) "
			    "in this folder", folder);
}

static int from_saved(const char *path, struct json_object **ret, struct sg_error *err)
{
	struct stat info;

	if (strcmp(path, "-") && !stat(path, &info) && S_ISDIR(info.st_mode))
		return from_folder(path, ret, err);
	return from_file(path, ret, err);
}

/* ---- the command ---- */

static void print_json(const struct sg_diagnosis *diagnosis, struct json_object *evidence)
{
	struct json_object *json = sg_diagnosis_to_json(diagnosis);

	json_object_object_add(json, "evidence", json_object_get(evidence));
	puts(json_object_to_json_string_ext(json, SG_JSON_PRETTY));
	json_object_put(json);
}

static int run(const struct options *options)
{
	struct json_object *evidence = NULL;
	struct sg_diagnosis diagnosis;
	struct sg_error err;
	int code;

	code = options->from ? from_saved(options->from, &evidence, &err)
			     : sg_live_evidence(options->wait * 1000, &evidence, &err);
	if (code)
		return sg_cmd_fail(SG_EXIT_FAILURE, "%s", err.text);
	code = sg_diagnose(evidence, &diagnosis);
	if (code) {
		json_object_put(evidence);
		return sg_cmd_fail(SG_EXIT_FAILURE, "%s: not the evidence of a hang that docs/PLAN.md describes",
				   options->from ? options->from : "this machine");
	}
	if (options->json)
		print_json(&diagnosis, evidence);
	else
		sg_diagnosis_print(stdout, &diagnosis);
	code = diagnosis.kind == SG_NOTHING_HANGS ? SG_EXIT_OK : SG_EXIT_FAILURE;
	sg_diagnosis_deinit(&diagnosis);
	json_object_put(evidence);
	return code;
}

const struct argp cmd_diagnose_argp = {
	option_table, parse, NULL,
	"Says which tasks hang in PCI, vfio and hot-plug code, who waits for whom, which known "
	"deadlock that is, how far it has spread and what can be done. Without --from it looks at "
	"this machine, touching no device; root sees more than others.", NULL, NULL, NULL
};

int cmd_diagnose(int argc, char **argv)
{
	struct options options = { .wait = WAIT_DEFAULT };

	if (argp_parse(&cmd_diagnose_argp, argc, argv, 0, NULL, &options))
		return SG_EXIT_USAGE;
	return run(&options);
}
