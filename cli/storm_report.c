// SPDX-License-Identifier: GPL-2.0-only
/*
 * storm_report.c - a folder with all that a report of a hang needs
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>

#include "cmd.h"
#include "file.h"
#include "slotgate/cleanup.h"
#include "slotgate/diagnose.h"
#include "slotgate/live.h"
#include "storm_cli.h"

enum { LIVE_WAIT_MS = 3000, SYSLOG_ALL = 3, SYSLOG_SIZE = 10 };

static FILE *create(const char *folder, const char *name)
{
	sg_autofree char *path = sg_format("%s/%s", folder, name);
	FILE *file = path ? fopen(path, "we") : NULL;

	if (!file)
		sg_cmd_fail(0, "cannot write %s/%s: %s", folder, name, strerror(errno));
	return file;
}

static void write_json(const char *folder, const char *name, struct json_object *object)
{
	sg_autofclose FILE *file = create(folder, name);

	if (file)
		fprintf(file, "%s\n", json_object_to_json_string_ext(object, SG_JSON_PRETTY));
}

static void write_plan(const char *folder, const struct storm_config *config)
{
	sg_autofclose FILE *file = create(folder, "plan.txt");

	if (file)
		storm_cli_plan(file, config);
}

/* With what the kernel knows of blocked tasks, which it is asked for. */
static void write_kernel_log(const char *folder, bool hung)
{
	int size = klogctl(SYSLOG_SIZE, NULL, 0);
	sg_autofree char *text = size > 0 ? malloc(size) : NULL;
	sg_autofclose FILE *file = create(folder, "dmesg.log");

	if (hung && !file_write("/proc/sysrq-trigger", "w"))
		sleep_ms(1000);
	size = text ? klogctl(SYSLOG_ALL, text, size) : 0;
	if (file && size > 0)
		fwrite(text, 1, size, file);
}

static void write_diagnosis_text(const char *folder, const struct sg_diagnosis *diagnosis)
{
	sg_autofclose FILE *file = create(folder, "diagnosis.txt");

	if (file)
		sg_diagnosis_print(file, diagnosis);
}

/* Of this machine; the evidence is kept as well, for another look. */
static void write_diagnosis(const char *folder)
{
	struct json_object *evidence = NULL, *json;
	struct sg_diagnosis diagnosis;
	struct sg_error err;

	if (sg_live_evidence(LIVE_WAIT_MS, &evidence, &err)) {
		sg_cmd_fail(0, "no diagnosis: %s", err.text);
		return;
	}
	if (sg_diagnose(evidence, &diagnosis)) {
		json_object_put(evidence);
		return;
	}
	write_diagnosis_text(folder, &diagnosis);
	sg_diagnosis_print(stderr, &diagnosis);
	json = sg_diagnosis_to_json(&diagnosis);
	write_json(folder, "diagnosis.json", json);
	write_json(folder, "evidence.json", evidence);
	json_object_put(json);
	json_object_put(evidence);
	sg_diagnosis_deinit(&diagnosis);
}

static void write_first_line(FILE *out, const char *what, const char *path)
{
	char line[1024];

	if (!file_read(line, sizeof(line), "%s", path))
		fprintf(out, "%s: %s\n", what, line);
}

static void write_versions(const char *folder)
{
	sg_autofclose FILE *file = create(folder, "versions.txt");
	struct utsname name;

	if (!file || uname(&name))
		return;
	fprintf(file, "slotgate: " SG_VERSION "\nkernel: %s %s %s\n", name.release, name.version,
		name.machine);
	write_first_line(file, "module", "/sys/module/slotgate/version");
	write_first_line(file, "command line", "/proc/cmdline");
	write_first_line(file, "system", "/etc/os-release");
	write_first_line(file, "machine", "/sys/class/dmi/id/product_name");
}

static struct json_object *last_of(struct json_object *records)
{
	return json_object_array_get_idx(records, json_object_array_length(records) - 1);
}

struct json_object *storm_report_json(struct json_object *records)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "slotgate", json_object_new_string(SG_VERSION));
	json_object_object_add(object, "begin",
			       json_object_get(json_object_array_get_idx(records, 0)));
	json_object_object_add(object, "end", json_object_get(last_of(records)));
	return object;
}

/* As the lab keeps its runs, so that `slotgate report` makes a page of it. */
static void write_run(const char *folder, const struct storm *storm, struct json_object *records)
{
	sg_autofclose FILE *file = create(folder, "records.jsonl");
	struct json_object *result = json_object_new_object();
	bool with = sg_patch_state("") != SG_PATCH_NONE;
	struct utsname name;

	for (size_t i = 0; file && i < json_object_array_length(records); i++)
		fprintf(file, "%s\n",
			json_object_to_json_string_ext(json_object_array_get_idx(records, i),
						       JSON_C_TO_STRING_PLAIN));
	json_object_object_add(result, "scenario", json_object_new_string("storm"));
	json_object_object_add(result, "seed", json_object_new_int64(storm->config->seed));
	json_object_object_add(result, "with", json_object_new_string(with ? "slotgate" : "stock"));
	json_object_object_add(result, "verdict",
			       json_object_new_string(storm_verdict_name(storm->verdict)));
	json_object_object_add(result, "reason", json_object_new_string(storm->reason));
	json_object_object_add(result, "release",
			       json_object_new_string(uname(&name) ? "" : name.release));
	json_object_object_add(result, "seconds",
			       json_object_new_double((clock_ms() - storm->start_ms) / 1000.0));
	write_json(folder, "result.json", result);
	json_object_put(result);
}

void storm_report_lab(const char *folder, struct json_object *evidence, const char *kernel)
{
	sg_autofclose FILE *versions = create(folder, "versions.txt");
	struct sg_diagnosis diagnosis;

	if (versions)
		fprintf(versions, "slotgate: " SG_VERSION "\nkernel: %s\n", kernel);
	if (!evidence || sg_diagnose(evidence, &diagnosis))
		return;
	write_diagnosis_text(folder, &diagnosis);
	sg_diagnosis_deinit(&diagnosis);
}

char *storm_report_folder(void)
{
	time_t now = time(NULL);
	char text[32];
	struct tm tm;

	strftime(text, sizeof(text), "%Y%m%d-%H%M%S", localtime_r(&now, &tm));
	return sg_format("slotgate-storm-%s", text);
}

char *storm_report(const struct storm *storm, const char *wanted, struct json_object *records)
{
	sg_autofree char *folder = wanted ? strdup(wanted) : storm_report_folder();

	if (!folder || (mkdir(folder, 0755) && errno != EEXIST)) {
		sg_cmd_fail(0, "cannot create %s: %s", folder ? folder : "a folder", strerror(errno));
		return NULL;
	}
	if (storm->verdict == STORM_HUNG)
		write_diagnosis(folder);
	write_run(folder, storm, records);
	write_plan(folder, storm->config);
	write_kernel_log(folder, storm->verdict == STORM_HUNG);
	write_versions(folder);
	return sg_steal(folder);
}
