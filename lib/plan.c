// SPDX-License-Identifier: GPL-2.0-only
/*
 * plan.c - building the plan that the guest agent carries out
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <slotgate/plan.h>

void sg_plan_init(struct sg_plan *plan)
{
	*plan = (struct sg_plan){ .text = NULL };
}

void sg_plan_deinit(struct sg_plan *plan)
{
	if (!plan)
		return;
	free(plan->text);
	sg_plan_init(plan);
}

/* Room for @more characters and a NUL. */
static int grow(struct sg_plan *plan, size_t more)
{
	size_t size = plan->size ? plan->size : 1024;
	char *text;

	while (size - plan->len <= more)
		size *= 2;
	if (size == plan->size)
		return 0;
	text = realloc(plan->text, size);
	if (!text)
		return -ENOMEM;
	plan->text = text;
	plan->size = size;
	return 0;
}

static int append(struct sg_plan *plan, const char *line, size_t len)
{
	int err;

	if (memchr(line, '\n', len))
		return -EINVAL;
	err = grow(plan, len + 1);
	if (err)
		return err;
	memcpy(plan->text + plan->len, line, len);
	plan->len += len;
	plan->text[plan->len++] = '\n';
	plan->text[plan->len] = '\0';
	return 0;
}

static void add(struct sg_plan *plan, const char *fmt, va_list ap)
{
	char *line = NULL;
	int len;

	if (plan->err)
		return;
	len = vasprintf(&line, fmt, ap);
	if (len < 0) {
		plan->err = -ENOMEM;
		return;
	}
	plan->err = append(plan, line, len);
	free(line);
}

void sg_plan_add(struct sg_plan *plan, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(plan, fmt, ap);
	va_end(ap);
}

void sg_plan_begin(struct sg_plan *plan, const char *fmt, ...)
{
	struct sg_plan begun;
	va_list ap;

	sg_plan_init(&begun);
	va_start(ap, fmt);
	add(&begun, fmt, ap);
	va_end(ap);
	if (!begun.err)
		begun.err = grow(&begun, plan->len);
	if (begun.err) {
		plan->err = plan->err ? plan->err : begun.err;
		sg_plan_deinit(&begun);
		return;
	}
	if (plan->len)
		memcpy(begun.text + begun.len, plan->text, plan->len + 1);
	begun.len += plan->len;
	begun.err = plan->err;
	sg_plan_deinit(plan);
	*plan = begun;
}

bool sg_plan_has(const char *text, const char *operation)
{
	size_t len = strlen(operation);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, operation, len) && strchr(" \n", line[len]))
			return true;
	}
	return false;
}
