// SPDX-License-Identifier: GPL-2.0-only
/*
 * ops_process.c - operations on owners, and work that goes on in the background
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "ops.h"

#define OWNER_SECONDS 60	/* to open its drives */
/*
 * A livepatch changes over a thread that it finds outside of all patched
 * functions, and looks once a second: a thread that never rests keeps it waiting.
 */
#define CYCLE_PAUSE_MS 2000
#define CYCLE_SECONDS 60	/* for one slot to go or to come back */

static int linger_arg(const char *text)
{
	return strcmp(text, "never") ? (int)number_arg(text) : LINGER_NEVER;
}

static bool owner_settled(void *arg)
{
	struct proc *proc = arg;

	return proc->ended || proc->owner->ready;
}

/* Options stand between name and slots; returns where the slots begin. */
static unsigned int owner_options(struct owner *owner, char **words, unsigned int count)
{
	unsigned int i;

	for (i = 1; i < count; i++)
		if (!strncmp(words[i], "linger=", 7))
			owner->linger_ms = linger_arg(words[i] + 7);
		else if (!strncmp(words[i], "mark=", 5))
			owner->mark = number_arg(words[i] + 5);
		else if (!strcmp(words[i], "friends"))
			owner->friends = true;
		else if (!strncmp(words[i], "reads=", 6))
			snprintf(owner->reads, sizeof(owner->reads), "%s", words[i] + 6);
		else if (!strcmp(words[i], "clean"))
			owner->clean = true;
		else
			break;
	return i;
}

static void check_found(const struct owner *owner)
{
	for (unsigned int i = 0; i < owner->count; i++)
		if (owner->found[i])
			wrong("slot %u: owner %s finds mark %u of the last owner in %s",
			      owner->slots[i], owner->id, owner->found[i], owner->devices[i]);
}

void op_owner(char **words, unsigned int count)
{
	struct owner *owner;
	struct proc *proc;
	unsigned int first;
	char role[64];

	id_arg(words[0]);
	owner = owner_create(words[0]);
	first = owner_options(owner, words, count);
	for (unsigned int i = first; i < count && owner->count < SLOTS_MAX; i++) {
		const struct slot *slot = slot_arg(words[i]);

		owner->slots[owner->count] = slot->number;
		strcpy(owner->devices[owner->count++], slot->device);
	}
	if (!owner->count)
		die("owner %s: of what?", words[0]);
	snprintf(role, sizeof(role), "owner %s", words[0]);
	proc = proc_spawn(words[0], role, owner_main, owner);
	proc->owner = owner;
	if (!wait_for(OWNER_SECONDS, owner_settled, proc))
		hung("owner %s has not opened its drives after %d s", words[0], OWNER_SECONDS);
	if (!owner->ready)
		die("owner %s cannot open its drives", words[0]);
	check_found(owner);
}

static void signal_all(const char *id, int signal)
{
	struct proc *proc = proc_arg(id);

	for (; proc; proc = proc_next(id, proc))
		if (!proc->ended)
			kill(proc->pid, signal);
}

void op_release(char **words, unsigned int count)
{
	(void)count;
	signal_all(words[0], SIGTERM);
}

void op_kill(char **words, unsigned int count)
{
	(void)count;
	signal_all(words[0], SIGKILL);
}

void op_interrupt(char **words, unsigned int count)
{
	(void)count;
	signal_all(words[0], SIGINT);
}

void op_freeze(char **words, unsigned int count)
{
	(void)count;
	signal_all(words[0], SIGSTOP);
}

void op_thaw(char **words, unsigned int count)
{
	(void)count;
	signal_all(words[0], SIGCONT);
}

struct cycling {
	const struct slot *slot;
	unsigned int count;
};

static bool cycle_wait(const struct slot *slot, unsigned int round, bool present)
{
	uint64_t deadline = clock_ms() + CYCLE_SECONDS * 1000;

	while (slot_present(slot) != present) {
		if (clock_ms() >= deadline) {
			report_note("slot %u, round %u: the drive is not %s", slot->number, round,
				    present ? "there" : "gone");
			return false;
		}
		sleep_ms(20);
	}
	return true;
}

/* The slot refuses while it still powers up: ask again until the drive goes. */
static void cycle_off(const struct slot *slot)
{
	uint64_t deadline = clock_ms() + CYCLE_SECONDS * 1000;
	char path[64];

	snprintf(path, sizeof(path), "/sys/bus/pci/slots/%u/power", slot->number);
	while (file_write(path, "0") && slot_present(slot) && clock_ms() < deadline)
		sleep_ms(50);
}

static volatile sig_atomic_t released;

static void on_release(int signal)
{
	(void)signal;
	released = 1;
}

static int cycle_main(void *arg)
{
	const struct cycling *cycling = arg;
	unsigned int round;

	signal(SIGTERM, on_release);
	for (round = 1; round <= cycling->count && !released; round++) {
		cycle_off(cycling->slot);
		if (!cycle_wait(cycling->slot, round, false))
			return EXIT_STUCK;
		plug(cycling->slot->number);
		if (!cycle_wait(cycling->slot, round, true))
			return EXIT_STUCK;
		sleep_ms(CYCLE_PAUSE_MS);
	}
	report_note("slot %u cycled %u times", cycling->slot->number, round - 1);
	return 0;
}

void op_cycle(char **words, unsigned int count)
{
	struct cycling cycling = { .count = number_arg(words[1]) };
	char role[64];

	id_arg(words[0]);
	for (unsigned int i = 2; i < count; i++) {
		cycling.slot = slot_arg(words[i]);
		snprintf(role, sizeof(role), "cycle %s slot %u", words[0], cycling.slot->number);
		proc_spawn(words[0], role, cycle_main, &cycling);
	}
}
