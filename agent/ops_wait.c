// SPDX-License-Identifier: GPL-2.0-only
/*
 * ops_wait.c - operations that wait, and what time it took
 */
#include <ctype.h>
#include <string.h>
#include <sys/wait.h>

#include "ops.h"

/* Whom to watch, and what for. */
struct watch {
	char **words;
	unsigned int count;
	unsigned int want;
};

void op_pace(char **words, unsigned int count)
{
	unsigned int factor = number_arg(words[0]);

	(void)count;
	if (!factor)
		die("nothing takes no time");
	wait_pace(factor);
}

static bool is_absent(const struct slot *slot)
{
	return !slot_present(slot);
}

static bool is_disabled(const struct slot *slot)
{
	char text[16];

	return !file_read(text, sizeof(text), "/sys/bus/pci/devices/%s/enable", slot->device) &&
	       !strcmp(text, "0");
}

static const struct condition {
	const char *name;
	bool (*is)(const struct slot *slot);
} conditions[] = {
	{ "present", slot_present },
	{ "absent", is_absent },
	{ "disabled", is_disabled },
};

static const struct condition *condition_arg(const char *text)
{
	for (size_t i = 0; i < sizeof(conditions) / sizeof(*conditions); i++)
		if (!strcmp(conditions[i].name, text))
			return &conditions[i];
	die("await present, absent or disabled, not \"%s\"", text);
}

struct slots_watch {
	char **words;
	unsigned int count;
	const struct condition *condition;
};

static unsigned int slots_left(const struct slots_watch *watch)
{
	unsigned int left = 0;

	for (unsigned int i = 0; i < watch->count; i++)
		left += !watch->condition->is(slot_arg(watch->words[i]));
	return left;
}

static bool slots_are(void *watch)
{
	return !slots_left(watch);
}

void op_await(char **words, unsigned int count)
{
	struct slots_watch watch = { words + 2, count - 2, condition_arg(words[0]) };

	if (!wait_for(number_arg(words[1]), slots_are, &watch))
		hung("after %s s %u of %u drives are not %s", words[1], slots_left(&watch),
		     watch.count, words[0]);
}

static unsigned int asked_of(const struct watch *watch)
{
	unsigned int asked = 0;

	for (unsigned int i = 0; i < watch->count; i++) {
		struct proc *proc = proc_arg(watch->words[i]);

		if (!proc->owner)
			die("%s is no owner", watch->words[i]);
		asked += owner_asked(proc->owner);
	}
	return asked;
}

static bool enough_asked(void *arg)
{
	const struct watch *watch = arg;

	return asked_of(watch) >= watch->want;
}

void op_await_asked(char **words, unsigned int count)
{
	struct watch watch = { words + 2, count - 2, number_arg(words[1]) };

	if (!wait_for(number_arg(words[0]), enough_asked, &watch))
		hung("after %s s %u of %u drives are asked for", words[0], asked_of(&watch),
		     watch.want);
}

/*
 * A slot: its interrupt thread waits in the kernel, or its drive is gone
 * already; as "plug:N", or its drive is there.  A slot in which an error was injected, as "error:N": recovery waits
 * in the kernel, or is over.  "xenbus:ID": Xen's thread does, for
 * that process, or it has ended.  A process: it waits in the kernel, or has ended.
 */
static bool is_busy(const char *word)
{
	bool plugged = !strncmp(word, "plug:", strlen("plug:"));
	const struct slot *slot;
	struct proc *proc;

	if (!strncmp(word, "xenbus:", strlen("xenbus:")))
		return xenbus_busy(word + strlen("xenbus:"));
	if (!strncmp(word, "error:", 6))
		return recovery_busy(word + 6);
	if (isdigit((unsigned char)*word) || plugged) {
		slot = slot_arg(plugged ? word + strlen("plug:") : word);
		return slot_present(slot) == plugged ||
		       (slot->thread && task_blocked(slot->thread));
	}
	for (proc = proc_arg(word); proc; proc = proc_next(word, proc))
		if (!proc->ended && !task_blocked(proc->pid))
			return false;
	return true;
}

/* Two looks some time apart: a thread also sleeps on its way. */
static bool all_busy(void *arg)
{
	const struct watch *watch = arg;

	for (int look = 0; look < 3; look++) {
		for (unsigned int i = 0; i < watch->count; i++)
			if (!is_busy(watch->words[i]))
				return false;
		sleep_ms(30);
	}
	return true;
}

void op_await_busy(char **words, unsigned int count)
{
	struct watch watch = { words + 1, count - 1, 0 };

	if (!wait_for(number_arg(words[0]), all_busy, &watch))
		hung("after %s s not all of them are at work", words[0]);
}

static bool matches(const struct proc *proc, const struct watch *watch)
{
	for (unsigned int i = 0; i < watch->count; i++)
		if (!strcmp(watch->words[i], proc->id))
			return true;
	return !watch->count;
}

static const struct proc *first_running(const struct watch *watch)
{
	const struct proc *proc = NULL;

	while ((proc = proc_next(NULL, proc)))
		if (!proc->ended && !proc->service && matches(proc, watch))
			return proc;
	return NULL;
}

static bool all_ended(void *watch)
{
	return !first_running(watch);
}

/* How a process ended matters only if it says so: a killed owner is no failure. */
static void check_exit(const struct proc *proc)
{
	if (!WIFEXITED(proc->status) || WEXITSTATUS(proc->status) == 0)
		return;
	if (WEXITSTATUS(proc->status) == EXIT_STUCK)
		hung("%s gave up waiting", proc->role);
	die("%s failed", proc->role);
}

void op_join(char **words, unsigned int count)
{
	struct watch watch = { words + 1, count - 1, 0 };
	const struct proc *proc = NULL;

	for (unsigned int i = 0; i < watch.count; i++)
		proc_arg(watch.words[i]);
	if (!wait_for(number_arg(words[0]), all_ended, &watch))
		hung("%s has not ended after %s s", first_running(&watch)->role, words[0]);
	while ((proc = proc_next(NULL, proc)))
		if (proc->ended && matches(proc, &watch))
			check_exit(proc);
}

static struct {
	char name[ID_MAX];
	uint64_t since;
} watches[16];

void op_start(char **words, unsigned int count)
{
	(void)count;
	id_arg(words[0]);
	for (size_t i = 0; i < sizeof(watches) / sizeof(watches[0]); i++) {
		if (watches[i].since && strcmp(watches[i].name, words[0]))
			continue;
		strcpy(watches[i].name, words[0]);
		watches[i].since = clock_ms();
		return;
	}
	die("too many times are measured");
}

void op_stop(char **words, unsigned int count)
{
	uint64_t now = clock_ms();

	(void)count;
	for (size_t i = 0; i < sizeof(watches) / sizeof(watches[0]); i++) {
		if (!watches[i].since || strcmp(watches[i].name, words[0]))
			continue;
		report_time(words[0], now - watches[i].since);
		watches[i].since = 0;
		return;
	}
	die("\"%s\" was not started", words[0]);
}
