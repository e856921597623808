// SPDX-License-Identifier: GPL-2.0-only
/*
 * lab_kernels.c - slotgate lab kernels: what is at hand; fetches on request
 */
#include <argp.h>
#include <errno.h>
#include <json-c/json.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "slotgate/cleanup.h"
#include "slotgate/kernel.h"
#include "slotgate/nearest.h"

struct options {
	bool json;
	bool fetch;
	bool source;
	const char *get;
	const char *lines[16];
	size_t nlines;
};

static const struct {
	const char *name;
	size_t offset;
} fields[] = {
	{ "release", offsetof(struct sg_kernel, release) },
	{ "image", offsetof(struct sg_kernel, image) },
	{ "modules", offsetof(struct sg_kernel, modules) },
	{ "headers", offsetof(struct sg_kernel, headers) },
	{ "ko", offsetof(struct sg_kernel, ko) },
	{ "chroot", offsetof(struct sg_kernel, chroot) },
	{ "sources", offsetof(struct sg_kernel, sources) },
};

enum { NFIELDS = sizeof(fields) / sizeof(*fields) };

static const char *field(const struct sg_kernel *kernel, size_t index)
{
	return *(char *const *)((const char *)kernel + fields[index].offset);
}

static const struct argp_option option_table[] = {
	{ "fetch", 'f', NULL, 0, "fetch what is not at hand or no longer current", 0 },
	{ "get", 'g', "FIELD", 0, "print only release, image, modules, headers, ko, chroot or sources", 0 },
	{ "json", 'j', NULL, 0, "as JSON", 0 },
	{ "source", 's', NULL, 0, "fetch the source, print only its archive", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 'f':
		options->fetch = true;
		return 0;
	case 'j':
		options->json = true;
		return 0;
	case 's':
		options->source = true;
		return 0;
	case 'g':
		for (size_t i = 0; i < NFIELDS; i++)
			if (!strcmp(fields[i].name, arg)) {
				options->get = arg;
				return 0;
			}
		argp_error(state, "there is no field \"%s\"", arg);
		return EINVAL;
	case ARGP_KEY_ARG:
		if (options->nlines == sizeof(options->lines) / sizeof(*options->lines))
			argp_error(state, "too many kernel lines");
		options->lines[options->nlines++] = arg;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const char *line_name(const void *data, size_t index)
{
	(void)data;
	return sg_kernel_lines[index].name;
}

static bool is_wanted(const struct options *options, const char *name)
{
	for (size_t i = 0; i < options->nlines; i++)
		if (!strcmp(options->lines[i], name))
			return true;
	return !options->nlines;
}

static struct json_object *describe_json(const struct sg_kernel_line *line,
					 const struct sg_kernel *kernel)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "line", json_object_new_string(line->name));
	json_object_object_add(object, "fetched", json_object_new_boolean(!!kernel->image));
	for (size_t i = 0; i < NFIELDS; i++)
		json_object_object_add(object, fields[i].name, field(kernel, i) ?
				       json_object_new_string(field(kernel, i)) : NULL);
	json_object_object_add(object, "suite", json_object_new_string(line->suite));
	return object;
}

static void describe(const struct sg_kernel_line *line, const struct sg_kernel *kernel)
{
	if (!kernel->image) {
		printf("%s: not %s%s (%s)\n", line->name, line->made_by ? "built yet: " : "fetched",
		       line->made_by ? line->made_by : "", line->summary);
		return;
	}
	printf("%s: %s\n", line->name, line->summary);
	for (size_t i = 0; i < NFIELDS; i++)
		if (field(kernel, i))
			printf("  %-8s %s\n", fields[i].name, field(kernel, i));
	if (!kernel->ko)
		printf("  %-8s not built: make kmod KERNEL=%s%s\n", "ko", line->name,
		       line->in_chroot ? ", which makes the chroot" : "");
}

static int look_up(const struct options *options, const struct sg_kernel_line *line,
		   struct sg_kernel *ret)
{
	struct sg_error err;
	int code = options->fetch ? sg_kernel_fetch(line, sg_cmd_watch(), ret, &err) :
				    sg_kernel_cached(line, ret, &err);

	if (!code || (code == -ENOENT && !options->fetch && !options->get))
		return SG_EXIT_OK;
	return sg_cmd_fail(SG_EXIT_FAILURE, "kernel %s: %s", line->name, err.text);
}

static int show_source(const struct sg_kernel_line *line)
{
	sg_autofree char *archive = NULL;
	struct sg_error err;

	if (sg_kernel_source(line, sg_cmd_watch(), &archive, &err))
		return sg_cmd_fail(SG_EXIT_FAILURE, "kernel %s: %s", line->name, err.text);
	puts(archive);
	return SG_EXIT_OK;
}

static int show(const struct options *options, const struct sg_kernel_line *line,
		struct json_object *list)
{
	sg_cleanup(sg_kernel_deinit) struct sg_kernel kernel = {0};
	int code;

	if (options->source)
		return show_source(line);
	code = look_up(options, line, &kernel);
	if (code)
		return code;
	if (options->json)
		json_object_array_add(list, describe_json(line, &kernel));
	else if (!options->get)
		describe(line, &kernel);
	for (size_t i = 0; options->get && i < NFIELDS; i++)
		if (!strcmp(options->get, fields[i].name) && field(&kernel, i))
			puts(field(&kernel, i));
	return SG_EXIT_OK;
}

static int check_lines(const struct options *options)
{
	for (size_t i = 0; i < options->nlines; i++) {
		sg_autofree char *hint = NULL;

		if (sg_kernel_line_find(options->lines[i]))
			continue;
		hint = sg_nearest(options->lines[i], line_name, NULL);
		return sg_cmd_fail(SG_EXIT_USAGE, "unknown kernel line \"%s\"%s",
				   options->lines[i], hint ? hint : "");
	}
	return SG_EXIT_OK;
}

const struct argp lab_kernels_argp = {
	option_table, parse, "[LINE...]",
	"Kernels that the lab can boot, and what is built for them.", NULL, NULL, NULL
};

int lab_kernels(int argc, char **argv)
{
	struct options options = {0};
	struct json_object *list;
	int code;

	if (argp_parse(&lab_kernels_argp, argc, argv, 0, NULL, &options))
		return SG_EXIT_USAGE;
	code = check_lines(&options);
	list = json_object_new_array();
	for (const struct sg_kernel_line *line = sg_kernel_lines; line->name && !code; line++)
		if (is_wanted(&options, line->name))
			code = show(&options, line, list);
	if (options.json && !code)
		puts(json_object_to_json_string_ext(list, SG_JSON_PRETTY));
	json_object_put(list);
	return code;
}
