// SPDX-License-Identifier: GPL-2.0-only
/*
 * slotgate metrics [--hangs] [-o FILE] - the module's counters for Prometheus
 *
 * Exit code 0 also where slotgate is not loaded: that is what the text says.
 */
#include <argp.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "slotgate/cleanup.h"
#include "slotgate/live.h"
#include "slotgate/metrics.h"

enum { KEY_HANGS = 256, HANGS_WAIT_MS = 3000 };

struct options {
	const char *output;
	bool openmetrics;
	bool hangs;
};

static const struct argp_option option_table[] = {
	{ "output", 'o', "FILE", 0, "write FILE, whole or not at all, as the node exporter wants it", 0 },
	{ "openmetrics", 'O', NULL, 0, "as OpenMetrics (default: the text format, for the textfile collector)", 0 },
	{ "hangs", KEY_HANGS, NULL, 0, "look for hangs as well, as \"slotgate diagnose\" does, which takes 3 seconds", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 'o':
		options->output = arg;
		return 0;
	case 'O':
		options->openmetrics = true;
		return 0;
	case KEY_HANGS:
		options->hangs = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "unexpected argument \"%s\"", arg);
	}
	return ARGP_ERR_UNKNOWN;
}

static int write_metrics(const struct sg_patch_status *status, const struct sg_diagnosis *hang,
			 const struct options *options)
{
	sg_autofree char *text = NULL;
	size_t size;
	struct sg_error err;
	FILE *out = open_memstream(&text, &size);
	int code;

	if (!out)
		return sg_cmd_fail(SG_EXIT_FAILURE, "metrics: out of memory");
	code = sg_metrics_print(out, status, hang, options->openmetrics);
	if (fclose(out) || code)
		return sg_cmd_fail(SG_EXIT_FAILURE, "metrics: out of memory");
	if (options->output && sg_file_write(options->output, text, size, &err))
		return sg_cmd_fail(SG_EXIT_FAILURE, "metrics: %s", err.text);
	if (!options->output && (fputs(text, stdout) < 0 || fflush(stdout)))
		return sg_cmd_fail(SG_EXIT_FAILURE, "metrics: cannot write: %m");
	return SG_EXIT_OK;
}

static int look_for_hangs(struct sg_diagnosis *ret)
{
	struct json_object *evidence;
	struct sg_error err;
	int code = sg_live_evidence(HANGS_WAIT_MS, &evidence, &err);

	if (code)
		return sg_cmd_fail(SG_EXIT_FAILURE, "metrics: %s", err.text);
	code = sg_diagnose(evidence, ret);
	json_object_put(evidence);
	if (code)
		return sg_cmd_fail(SG_EXIT_FAILURE, "metrics: cannot tell whether something hangs: %s",
				   strerror(-code));
	return SG_EXIT_OK;
}

static int run(const struct options *options)
{
	struct sg_patch_status status;
	struct sg_diagnosis hang;
	int code;

	if (options->hangs && look_for_hangs(&hang))
		return SG_EXIT_FAILURE;
	code = sg_patch_read("", &status);
	if (code) {
		sg_cmd_fail(SG_EXIT_FAILURE, "metrics: %s", strerror(-code));
	} else {
		code = write_metrics(&status, options->hangs ? &hang : NULL, options);
		sg_patch_status_deinit(&status);
	}
	if (options->hangs)
		sg_diagnosis_deinit(&hang);
	return code ? SG_EXIT_FAILURE : SG_EXIT_OK;
}

const struct argp cmd_metrics_argp = {
	option_table, parse, NULL,
	"Prints whether slotgate is on in this machine's kernel, and its counters, for Prometheus.",
	NULL, NULL, NULL
};

int cmd_metrics(int argc, char **argv)
{
	struct options options = {0};

	if (argp_parse(&cmd_metrics_argp, argc, argv, 0, NULL, &options))
		return SG_EXIT_USAGE;
	return run(&options);
}
