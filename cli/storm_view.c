// SPDX-License-Identifier: GPL-2.0-only
/*
 * storm_view.c - a storm as people see it: live on a terminal, else lines
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "storm_cli.h"

#define LINE_EVERY_MS 30000	/* without a terminal */

#define SLOT_HEADING "slot   state   device       driver   owner calls refus.  slowest  now"

static unsigned int shown;	/* lines of the last picture */

static const char *text_of(struct json_object *object, const char *name)
{
	struct json_object *member = NULL;

	json_object_object_get_ex(object, name, &member);
	return member ? json_object_get_string(member) : "";
}

static long number_of(struct json_object *object, const char *name)
{
	struct json_object *member = NULL;

	json_object_object_get_ex(object, name, &member);
	return json_object_get_int64(member);
}

static struct json_object *list_of(struct json_object *object, const char *name)
{
	struct json_object *member = NULL;

	json_object_object_get_ex(object, name, &member);
	return member;
}

static void clear(void)
{
	for (; shown; shown--)
		fputs("\033[A\033[2K", stderr);
	if (isatty(STDERR_FILENO))
		fputc('\r', stderr);
}

static struct winsize window(void)
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 };

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col < 20 || size.ws_row < 4)
		size = (struct winsize){ .ws_row = 24, .ws_col = 80 };
	return size;
}

static void show_line(const char *text, unsigned int columns)
{
	fprintf(stderr, "%.*s\n", (int)columns - 1, text);
	shown++;
}

static void slot_line(struct json_object *slot, char *buf, size_t size)
{
	const char *device = text_of(slot, "device");

	snprintf(buf, size, "%-6s %-7s %-12s %-8s %-5s %5ld %5ld %6ld ms  %s", text_of(slot, "slot"),
		 text_of(slot, "state"), *device ? device : "-", text_of(slot, "driver"),
		 text_of(slot, "owner"), number_of(slot, "ops"), number_of(slot, "refused"),
		 number_of(slot, "slowest_ms"), text_of(slot, "doing"));
}

static void totals_line(struct json_object *record, char *buf, size_t size)
{
	long elapsed = number_of(record, "elapsed_ms") / 1000;
	long left = number_of(record, "seconds") - elapsed;

	bool storm = !strcmp(text_of(record, "phase"), "storm");

	snprintf(buf, size, "%ld s, %ld s left%s%s: %ld operations, %ld calls, kernel memory %.1f MiB",
		 elapsed, left > 0 ? left : 0, storm ? "" : ", ", storm ? "" : text_of(record, "phase"),
		 number_of(record, "begun"), number_of(record, "calls"),
		 number_of(record, "kernel_kib") / 1024.0);
}

/* Of slots of which something is being done (or not), those that still fit. */
static size_t show_slots(struct json_object *slots, bool busy, size_t room, unsigned int columns)
{
	char line[256];

	for (size_t i = 0; room && i < json_object_array_length(slots); i++) {
		struct json_object *slot = json_object_array_get_idx(slots, i);

		if (*text_of(slot, "doing") ? !busy : busy)
			continue;
		slot_line(slot, line, sizeof(line));
		show_line(line, columns);
		room--;
	}
	return room;
}

/* If not all slots fit, those at work do; the totals always do. */
static void show_picture(struct json_object *record)
{
	struct json_object *slots = list_of(record, "slots");
	struct winsize size = window();
	size_t count = json_object_array_length(slots), room = size.ws_row - 3;
	char line[256];

	clear();
	show_line(SLOT_HEADING, size.ws_col);
	for (size_t i = 0; i < count && count <= room; i++) {
		slot_line(json_object_array_get_idx(slots, i), line, sizeof(line));
		show_line(line, size.ws_col);
	}
	if (count > room)
		show_slots(slots, false, show_slots(slots, true, room, size.ws_col), size.ws_col);
	totals_line(record, line, sizeof(line));
	show_line(line, size.ws_col);
	fflush(stderr);
}

static void show_state(struct json_object *record, bool tables)
{
	static long last = -LINE_EVERY_MS;
	char line[256];

	(void)tables;
	if (isatty(STDERR_FILENO)) {
		show_picture(record);
		return;
	}
	if (number_of(record, "elapsed_ms") < last)
		last = -LINE_EVERY_MS;	/* another storm */
	if (number_of(record, "elapsed_ms") < last + LINE_EVERY_MS)
		return;
	last = number_of(record, "elapsed_ms");
	totals_line(record, line, sizeof(line));
	fprintf(stderr, "%s\n", line);
}

static void print_kinds(struct json_object *kinds)
{
	printf("%-22s %8s %8s %8s %8s %8s %8s\n", "call", "times", "refused", "p50 ms", "p95 ms",
	       "p99 ms", "max ms");
	for (size_t i = 0; i < json_object_array_length(kinds); i++) {
		struct json_object *kind = json_object_array_get_idx(kinds, i);

		printf("%-22s %8ld %8ld %8ld %8ld %8ld %8ld\n", text_of(kind, "kind"),
		       number_of(kind, "calls"), number_of(kind, "refused"),
		       number_of(kind, "p50_ms"), number_of(kind, "p95_ms"),
		       number_of(kind, "p99_ms"), number_of(kind, "max_ms"));
	}
}

static void print_slots(struct json_object *slots)
{
	char line[256];

	puts(SLOT_HEADING);
	for (size_t i = 0; i < json_object_array_length(slots); i++) {
		slot_line(json_object_array_get_idx(slots, i), line, sizeof(line));
		puts(line);
	}
}

/* Only what happened: zeroes say little. */
static void print_module(struct json_object *module)
{
	const char *separator = ": ";

	printf("slotgate %s", text_of(module, "state"));
	json_object_object_foreach(list_of(module, "counters"), name, value) {
		if (!json_object_get_int64(value))
			continue;
		printf("%s%s %ld", separator, name, (long)json_object_get_int64(value));
		separator = ", ";
	}
	putchar('\n');
}

static void show_begin(struct json_object *record, bool tables)
{
	struct json_object *list = list_of(record, "left_out");

	(void)tables;
	if (!number_of(record, "seconds"))
		return;		/* nothing but restoring */
	for (size_t i = 0; list && i < json_object_array_length(list); i++) {
		struct json_object *one = json_object_array_get_idx(list, i);

		fprintf(stderr, "left out: %s, %s\n", text_of(one, "actor"), text_of(one, "why"));
	}
}

static void print_memory(struct json_object *record)
{
	struct json_object *means = list_of(record, "mean_kib");

	printf("kernel memory: %.1f MiB at the start, %.1f at most, %.1f in the end; means of tenths:",
	       number_of(record, "first_kib") / 1024.0, number_of(record, "most_kib") / 1024.0,
	       number_of(record, "kernel_kib") / 1024.0);
	for (size_t i = 0; means && i < json_object_array_length(means); i++)
		printf(" %.1f", json_object_get_int64(json_object_array_get_idx(means, i)) / 1024.0);
	putchar('\n');
}

static void show_end(struct json_object *record, bool tables)
{
	const char *reason = text_of(record, "reason");

	clear();
	if (!tables)
		return;
	print_kinds(list_of(record, "kinds"));
	putchar('\n');
	print_slots(list_of(record, "slots"));
	putchar('\n');
	print_module(list_of(record, "module"));
	print_memory(record);
	printf("%ld operations, %ld calls in %ld s: %s%s%s\n", number_of(record, "begun"),
	       number_of(record, "calls"), number_of(record, "elapsed_ms") / 1000,
	       text_of(record, "verdict"), *reason ? "; " : "", reason);
	fflush(stdout);
}

void storm_cli_show(struct json_object *record, bool tables)
{
	static const struct {
		const char *type;
		void (*show)(struct json_object *record, bool tables);
	} types[] = {
		{ "storm-begin", show_begin }, { "storm-state", show_state },
		{ "storm-end", show_end },
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (!strcmp(types[i].type, text_of(record, "t")))
			types[i].show(record, tables);
}
