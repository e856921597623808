// SPDX-License-Identifier: GPL-2.0-only
/*
 * slotgate metrics [-o FILE] - the module's counters for Prometheus
 *
 * Exit code 0 also where slotgate is not loaded: that is what the text says.
 */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "slotgate/cleanup.h"
#include "slotgate/metrics.h"

struct options {
	const char *output;
	bool openmetrics;
};

static const struct argp_option option_table[] = {
	{ "output", 'o', "FILE", 0, "write FILE, whole or not at all, as the node exporter wants it", 0 },
	{ "openmetrics", 'O', NULL, 0, "as OpenMetrics (default: the text format, for the textfile collector)", 0 },
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
	case ARGP_KEY_ARG:
		argp_error(state, "unexpected argument \"%s\"", arg);
	}
	return ARGP_ERR_UNKNOWN;
}

static int write_metrics(const struct sg_patch_status *status, const struct options *options)
{
	sg_autofree char *text = NULL;
	size_t size;
	struct sg_error err;
	FILE *out = open_memstream(&text, &size);
	int code;

	if (!out)
		return sg_cmd_fail(SG_EXIT_FAILURE, "metrics: out of memory");
	code = sg_metrics_print(out, status, options->openmetrics);
	if (fclose(out) || code)
		return sg_cmd_fail(SG_EXIT_FAILURE, "metrics: out of memory");
	if (options->output && sg_file_write(options->output, text, size, &err))
		return sg_cmd_fail(SG_EXIT_FAILURE, "metrics: %s", err.text);
	if (!options->output && (fputs(text, stdout) < 0 || fflush(stdout)))
		return sg_cmd_fail(SG_EXIT_FAILURE, "metrics: cannot write: %m");
	return SG_EXIT_OK;
}

const struct argp cmd_metrics_argp = {
	option_table, parse, NULL,
	"Prints whether slotgate is on in this machine's kernel, and its counters, for Prometheus.",
	NULL, NULL, NULL
};

int cmd_metrics(int argc, char **argv)
{
	struct sg_patch_status status;
	struct options options = {0};
	int code;

	if (argp_parse(&cmd_metrics_argp, argc, argv, 0, NULL, &options))
		return SG_EXIT_USAGE;
	code = sg_patch_read("", &status);
	if (code)
		return sg_cmd_fail(SG_EXIT_FAILURE, "metrics: %s", strerror(-code));
	code = write_metrics(&status, &options);
	sg_patch_status_deinit(&status);
	return code;
}
