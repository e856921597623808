// SPDX-License-Identifier: GPL-2.0-only
/*
 * ops_command.c - a program as an operator would start it, and how it ends
 *
 * What it says goes to a file, as with the owners of ops_program.c.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ops.h"

#define EMPTY_MS 1000		/* a slot that is empty for so long gets its drive again */
#define LOOK_MS 200
#define ARGS_MAX 32

static int command_main(void *arg)
{
	char **words = arg;

	said_open(words[0]);
	execv(words[1], words + 1);
	perror(words[1]);
	return 127;
}

void op_command(char **words, unsigned int count)
{
	char *argv[ARGS_MAX + 1] = { NULL }, role[128];

	id_arg(words[0]);
	if (count > ARGS_MAX)
		die("%s: more than %d arguments", words[0], ARGS_MAX);
	memcpy(argv, words, count * sizeof(*words));
	snprintf(role, sizeof(role), "command %s", words[0]);
	proc_spawn(words[0], role, command_main, argv);
}

static bool has_ended(void *arg)
{
	return ((const struct proc *)arg)->ended;
}

/* What it waited for in vain stands still yet: there is evidence to be had. */
static void check_hang(const struct proc *proc, const char *said)
{
	const char *at = said ? strstr(said, "has not come back") : NULL, *line = at;

	while (line && line > said && line[-1] != '\n')
		line--;
	if (at)
		hung("%s: %.*s", proc->role, (int)strcspn(line, "\n"), line);
}

void op_exits(char **words, unsigned int count)
{
	struct proc *proc = proc_arg(words[1]);
	int want = number_arg(words[2]), status;
	char *said, text[256] = "";

	for (unsigned int i = 3; i < count; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", i > 3 ? " " : "",
			 words[i]);
	if (!wait_for(number_arg(words[0]), has_ended, proc)) {
		report_said(words[1]);
		hung("%s has not ended after %s s", proc->role, words[0]);
	}
	report_said(words[1]);
	said = said_by(words[1]);
	status = WIFEXITED(proc->status) ? WEXITSTATUS(proc->status) : 128 + WTERMSIG(proc->status);
	if (status != want && !want)
		check_hang(proc, said);
	if (status != want)
		wrong("%s ended with %d, not %d", proc->role, status, want);
	if (*text && (!said || !strstr(said, text)))
		wrong("%s has not said \"%s\"", proc->role, text);
	free(said);
	proc->status = 0;	/* it was as it is to be: no failure for `join` */
}

/* As a shelf of drives that nobody takes out: on a real machine they stay in their slots. */
static int refill_main(void *arg)
{
	const struct slot **slots = arg;
	uint64_t since[SLOTS_MAX] = {0};

	for (;; sleep_ms(LOOK_MS))
		for (unsigned int i = 0; slots[i]; i++) {
			if (slot_present(slots[i]))
				since[i] = 0;
			else if (!since[i])
				since[i] = clock_ms();
			else if (clock_ms() > since[i] + EMPTY_MS) {
				plug_try(slots[i]->number);
				since[i] = 0;
			}
		}
	return 0;
}

void op_refill(char **words, unsigned int count)
{
	const struct slot *slots[SLOTS_MAX + 1] = { NULL };

	for (unsigned int i = 0; i < count && i < SLOTS_MAX; i++)
		slots[i] = slot_arg(words[i]);
	proc_spawn("refill", "refill", refill_main, slots)->service = true;
}

void op_driven(char **words, unsigned int count)
{
	for (unsigned int i = 1; i < count; i++) {
		const struct slot *slot = slot_arg(words[i]);
		char driver[64] = "none", override[64] = "";

		file_link(driver, sizeof(driver), "/sys/bus/pci/devices/%s/driver", slot->device);
		file_read(override, sizeof(override), "/sys/bus/pci/devices/%s/driver_override",
			  slot->device);
		if (strcmp(driver, words[0]) || strcmp(override, "(null)"))
			wrong("slot %u: its driver is %s, override %s; not %s alone", slot->number,
			      driver, override, words[0]);
	}
}

static bool has_driver(void *arg)
{
	char **words = arg, driver[64];

	return !file_link(driver, sizeof(driver), "/sys/bus/pci/devices/%s/driver",
			  slot_arg(words[2])->device) && !strcmp(driver, words[1]);
}

void op_await_driver(char **words, unsigned int count)
{
	(void)count;
	if (!wait_for(number_arg(words[0]), has_driver, words))
		hung("after %s s slot %s does not have driver %s", words[0], words[2], words[1]);
}
