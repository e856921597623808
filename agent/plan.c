// SPDX-License-Identifier: GPL-2.0-only
/*
 * plan.c - reading a plan, and the table of its operations
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "ops.h"

#define WORDS_MAX (SLOTS_MAX + 8)

unsigned int number_arg(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (!isdigit((unsigned char)*text) || *end || value > 100000000)
		die("\"%s\" is no number", text);
	return value;
}

void id_arg(const char *text)
{
	if (!isalpha((unsigned char)*text) || strlen(text) >= ID_MAX)
		die("\"%s\" is no name for a process", text);
}

static const struct {
	const char *verb;
	unsigned int min;	/* arguments */
	void (*run)(char **words, unsigned int count);
} ops[] = {
	{ "modules", 1, op_modules },
	{ "slotgate", 0, op_slotgate },
	{ "events", 0, op_events },
	{ "slotgate-unload", 0, op_slotgate_unload },
	{ "load", 1, op_load },
	{ "insert", 1, op_insert },
	{ "unload", 1, op_unload },
	{ "refused", 2, op_refused },
	{ "deferred", 1, op_deferred },
	{ "takeovers", 1, op_takeovers },
	{ "await", 3, op_await },
	{ "vfio", 1, op_vfio },
	{ "bind", 2, op_bind },
	{ "unmarked", 1, op_unmarked },
	{ "reset-method", 2, op_reset_method },
	{ "owner", 2, op_owner },
	{ "testpmd", 2, op_testpmd },
	{ "machine", 3, op_machine },
	{ "freeze", 1, op_freeze },
	{ "thaw", 1, op_thaw },
	{ "await-said", 3, op_await_said },
	{ "release", 1, op_release },
	{ "kill", 1, op_kill },
	{ "write", 3, op_write },
	{ "again", 3, op_again },
	{ "off", 2, op_off },
	{ "on", 2, op_on },
	{ "plug", 1, op_plug },
	{ "yank", 1, op_yank },
	{ "notice", 1, op_notice },
	{ "pull", 1, op_pull },
	{ "inject", 2, op_inject },
	{ "await-recovered", 2, op_await_recovered },
	{ "sleep", 1, op_sleep },
	{ "pace", 1, op_pace },
	{ "logs", 0, op_logs },
	{ "await-asked", 3, op_await_asked },
	{ "read", 2, op_read },
	{ "await-reads", 2, op_await_reads },
	{ "await-busy", 2, op_await_busy },
	{ "join", 1, op_join },
	{ "irq", 3, op_irq },
	{ "doze", 3, op_doze },
	{ "xen", 0, op_xen },
	{ "pciback", 2, op_pciback },
	{ "attach", 2, op_attach },
	{ "detach", 3, op_detach },
	{ "close", 2, op_close },
	{ "guest", 0, op_guest },
	{ "xl", 2, op_xl },
	{ "mark", 2, op_mark },
	{ "returned", 1, op_returned },
	{ "cycle", 3, op_cycle },
	{ "reload", 1, op_reload },
	{ "storm", 1, op_storm },
	{ "command", 2, op_command },
	{ "exits", 3, op_exits },
	{ "interrupt", 1, op_interrupt },
	{ "refill", 1, op_refill },
	{ "driven", 2, op_driven },
	{ "await-driver", 3, op_await_driver },
	{ "record", 0, op_record },
	{ "klockstat", 0, op_klockstat },
	{ "record-end", 0, op_record_end },
	{ "untraced", 0, op_untraced },
	{ "work", 2, op_work },
	{ "busy-start", 0, op_busy_start },
	{ "busy-stop", 1, op_busy_stop },
	{ "memory", 1, op_memory },
	{ "leaks", 1, op_leaks },
	{ "start", 1, op_start },
	{ "stop", 1, op_stop },
};

static void run_words(char **words, unsigned int count)
{
	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		if (strcmp(ops[i].verb, words[0]))
			continue;
		if (count - 1 < ops[i].min)
			die("%s needs at least %u arguments", words[0], ops[i].min);
		ops[i].run(words + 1, count - 1);
		return;
	}
	die("unknown operation \"%s\"", words[0]);
}

static void report_op(const char *line)
{
	struct json_object *rec = record("op");

	json_object_object_add(rec, "text", json_object_new_string(line));
	report(rec);
	current_op(line);
}

/* The next word of @text, or NULL; blanks inside of {braces} do not end it. */
static char *next_word(char **text)
{
	char *word = *text + strspn(*text, " \t"), *end = word;
	bool braces = false;

	for (; *end && (braces || !strchr(" \t", *end)); end++)
		braces = *end == '{' || (braces && *end != '}');
	if (end == word)
		return NULL;
	*text = *end ? end + 1 : end;
	*end = '\0';
	return word;
}

static void run_line(char *line)
{
	char *words[WORDS_MAX] = { NULL }, *word;
	unsigned int count = 0;

	line[strcspn(line, "#")] = '\0';
	line += strspn(line, " \t");
	if (!*line)
		return;
	report_op(line);
	while ((word = next_word(&line))) {
		if (count == WORDS_MAX)
			die("more than %d words", WORDS_MAX);
		words[count++] = word;
	}
	if (count)
		run_words(words, count);
}

void plan_run(const char *path)
{
	char *text, *line, *save = NULL;
	int err = file_slurp(path, &text, NULL);

	if (err)
		die("%s: %s", path, strerror(-err));
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		run_line(line);
	free(text);
}
