// SPDX-License-Identifier: GPL-2.0-only
/*
 * plan.c - the operations that a plan is made of
 */
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent.h"

#define WORDS_MAX (SLOTS_MAX + 8)
#define OWNER_SECONDS 60	/* to open its drives */
#define CYCLE_SECONDS 60	/* for one slot to go or to come back */
#define DRIVER "vfio-pci"

static unsigned int number_arg(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (!isdigit((unsigned char)*text) || *end || value > 100000000)
		die("\"%s\" is no number", text);
	return value;
}

static void id_arg(const char *text)
{
	if (!isalpha((unsigned char)*text) || strlen(text) >= ID_MAX)
		die("\"%s\" is no name for a process", text);
}

/* A list of slots, and where it is to be watched. */
struct watch {
	char **words;
	unsigned int count;
	unsigned int want;		/* a number, or a truth value */
};

static void op_modules(char **words, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		int err = modules_load(words[i]);

		if (err)
			die("modules %s: %s", words[i], strerror(-err));
	}
}

static void op_slotgate(char **words, unsigned int count)
{
	(void)words, (void)count;
	slotgate_load();
}

static void op_slotgate_unload(char **words, unsigned int count)
{
	(void)words, (void)count;
	slotgate_unload();
}

static bool slots_are(void *arg)
{
	const struct watch *watch = arg;

	for (unsigned int i = 0; i < watch->count; i++)
		if (slot_present(slot_arg(watch->words[i])) != watch->want)
			return false;
	return true;
}

static void op_await(char **words, unsigned int count)
{
	struct watch watch = { words + 2, count - 2, !strcmp(words[0], "present") };
	unsigned int left = 0;

	if (!watch.want && strcmp(words[0], "absent"))
		die("await present or absent, not \"%s\"", words[0]);
	if (wait_for(number_arg(words[1]), slots_are, &watch))
		return;
	for (unsigned int i = 0; i < watch.count; i++)
		left += slot_present(slot_arg(watch.words[i])) != watch.want;
	hung("after %s s %u of %u drives are not %s", words[1], left, watch.count, words[0]);
}

/* Writes to a file of a slot's device; what the kernel says is final. */
static void device_write(const struct slot *slot, const char *file, const char *text)
{
	char path[128];
	int err;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/%s", slot->device, file);
	err = file_write(path, text);
	if (err)
		die("%s: \"%s\": %s", path, text, strerror(-err));
}

static void op_vfio(char **words, unsigned int count)
{
	char driver[64];
	const struct slot *slot;

	for (unsigned int i = 0; i < count; i++) {
		slot = slot_arg(words[i]);
		device_write(slot, "driver_override", DRIVER);
		if (file_exists("/sys/bus/pci/devices/%s/driver", slot->device))
			device_write(slot, "driver/unbind", slot->device);
		file_write("/sys/bus/pci/drivers_probe", slot->device);
		if (file_link(driver, sizeof(driver), "/sys/bus/pci/devices/%s/driver",
			      slot->device) || strcmp(driver, DRIVER))
			die("slot %u: %s does not take %s", slot->number, DRIVER, slot->device);
	}
}

static void op_reset_method(char **words, unsigned int count)
{
	for (unsigned int i = 1; i < count; i++)
		device_write(slot_arg(words[i]), "reset_method", words[0]);
}

static int linger_arg(const char *text)
{
	return strcmp(text, "never") ? (int)number_arg(text) : LINGER_NEVER;
}

static bool owner_settled(void *arg)
{
	struct proc *proc = arg;

	return proc->ended || proc->owner->ready;
}

static void op_owner(char **words, unsigned int count)
{
	bool lingers = !strncmp(words[1], "linger=", 7);
	struct owner *owner;
	struct proc *proc;
	char role[64];

	id_arg(words[0]);
	owner = owner_create(words[0], lingers ? linger_arg(words[1] + 7) : 0);
	for (unsigned int i = lingers ? 2 : 1; i < count && owner->count < SLOTS_MAX; i++) {
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
}

static void signal_all(const char *id, int signal)
{
	struct proc *proc = proc_arg(id);

	for (; proc; proc = proc_next(id, proc))
		if (!proc->ended)
			kill(proc->pid, signal);
}

static void op_release(char **words, unsigned int count)
{
	(void)count;
	signal_all(words[0], SIGTERM);
}

static void op_kill(char **words, unsigned int count)
{
	(void)count;
	signal_all(words[0], SIGKILL);
}

struct writing {
	char path[256];
	char text[64];
	const char *role;
};

/* A slot or device that has gone meanwhile is an answer, not a failure. */
static int write_main(void *arg)
{
	const struct writing *writing = arg;
	int err = file_write(writing->path, writing->text);

	if (err)
		report_note("%s: %s", writing->role, strerror(-err));
	return 0;
}

static void start_writing(const char *id, const char *role, struct writing *writing)
{
	id_arg(id);
	writing->role = role;
	proc_spawn(id, role, write_main, writing);
}

/* The end of a path is what tells files of devices apart. */
static const char *folder_and_file(const char *path)
{
	const char *slash = strrchr(path, '/');

	while (slash && slash > path && slash[-1] != '/')
		slash--;
	return slash ? slash : path;
}

static void op_write(char **words, unsigned int count)
{
	struct writing writing = { .text = "" };
	char role[192];

	path_expand(writing.path, sizeof(writing.path), words[1]);
	for (unsigned int i = 2; i < count; i++)
		snprintf(writing.text + strlen(writing.text),
			 sizeof(writing.text) - strlen(writing.text), "%s%s", i > 2 ? " " : "",
			 words[i]);
	snprintf(role, sizeof(role), "write %s %.150s", words[0], folder_and_file(writing.path));
	start_writing(words[0], role, &writing);
}

static void power_write(char **words, const char *verb, const char *value)
{
	const struct slot *slot = slot_arg(words[1]);
	struct writing writing;
	char role[64];

	snprintf(writing.path, sizeof(writing.path), "/sys/bus/pci/slots/%u/power", slot->number);
	snprintf(writing.text, sizeof(writing.text), "%s", value);
	snprintf(role, sizeof(role), "%s %u", verb, slot->number);
	start_writing(words[0], role, &writing);
}

static void op_off(char **words, unsigned int count)
{
	(void)count;
	power_write(words, "off", "0");
}

static void op_on(char **words, unsigned int count)
{
	(void)count;
	power_write(words, "on", "1");
}

static void plug(unsigned int number)
{
	struct json_object *rec = record("plug");

	json_object_object_add(rec, "slot", json_object_new_int(number));
	report(rec);
}

static void op_plug(char **words, unsigned int count)
{
	(void)count;
	plug(slot_arg(words[0])->number);
}

static void op_sleep(char **words, unsigned int count)
{
	(void)count;
	sleep_ms(number_arg(words[0]));
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

static void op_await_asked(char **words, unsigned int count)
{
	struct watch watch = { words + 2, count - 2, number_arg(words[1]) };

	if (!wait_for(number_arg(words[0]), enough_asked, &watch))
		hung("after %s s %u of %u drives are asked for", words[0], asked_of(&watch),
		     watch.want);
}

/*
 * A slot: its interrupt thread waits in the kernel, or its drive is gone
 * already.  A process: it waits in the kernel, or has ended.
 */
static bool is_busy(const char *word)
{
	const struct slot *slot;
	struct proc *proc;

	if (isdigit((unsigned char)*word)) {
		slot = slot_arg(word);
		return !slot_present(slot) || (slot->thread && task_blocked(slot->thread));
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

static void op_await_busy(char **words, unsigned int count)
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
		if (!proc->ended && matches(proc, watch))
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

static void op_join(char **words, unsigned int count)
{
	struct watch watch = { words + 1, count - 1, 0 };
	const struct proc *proc = NULL;

	for (unsigned int i = 0; i < watch.count; i++)
		proc_arg(watch.words[i]);
	if (!wait_for(number_arg(words[0]), all_ended, &watch))
		hung("%s has not ended after %s s", first_running(&watch)->role, words[0]);
	while ((proc = proc_next(NULL, proc)))
		if (matches(proc, &watch))
			check_exit(proc);
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
	}
	report_note("slot %u cycled %u times", cycling->slot->number, round - 1);
	return 0;
}

static void op_cycle(char **words, unsigned int count)
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

static void op_reload(char **words, unsigned int count)
{
	unsigned int rounds = number_arg(words[0]);

	(void)count;
	for (unsigned int round = 1; round <= rounds; round++) {
		slotgate_load();
		slotgate_unload();
		if (round % 10 == 0)
			report_note("loaded and unloaded %u times", round);
	}
}

static struct {
	char name[ID_MAX];
	uint64_t since;
} watches[16];

static void op_start(char **words, unsigned int count)
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

static void op_stop(char **words, unsigned int count)
{
	uint64_t now = clock_ms();
	struct json_object *rec;

	(void)count;
	for (size_t i = 0; i < sizeof(watches) / sizeof(watches[0]); i++) {
		if (!watches[i].since || strcmp(watches[i].name, words[0]))
			continue;
		rec = record("time");
		json_object_object_add(rec, "name", json_object_new_string(words[0]));
		json_object_object_add(rec, "value_ms",
				       json_object_new_int64(now - watches[i].since));
		report(rec);
		watches[i].since = 0;
		return;
	}
	die("\"%s\" was not started", words[0]);
}

static const struct {
	const char *verb;
	unsigned int min;	/* arguments */
	void (*run)(char **words, unsigned int count);
} ops[] = {
	{ "modules", 1, op_modules },
	{ "slotgate", 0, op_slotgate },
	{ "slotgate-unload", 0, op_slotgate_unload },
	{ "await", 3, op_await },
	{ "vfio", 1, op_vfio },
	{ "reset-method", 2, op_reset_method },
	{ "owner", 2, op_owner },
	{ "release", 1, op_release },
	{ "kill", 1, op_kill },
	{ "write", 3, op_write },
	{ "off", 2, op_off },
	{ "on", 2, op_on },
	{ "plug", 1, op_plug },
	{ "sleep", 1, op_sleep },
	{ "await-asked", 3, op_await_asked },
	{ "await-busy", 2, op_await_busy },
	{ "join", 1, op_join },
	{ "cycle", 3, op_cycle },
	{ "reload", 1, op_reload },
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
	char *words[WORDS_MAX], *word;
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
