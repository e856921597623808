// SPDX-License-Identifier: GPL-2.0-only
/*
 * ops_program.c - programs of the distribution that have drives open through vfio
 *
 * What the owners of owner.c imitate: DPDK's testpmd, and QEMU with a machine
 * that never runs.  Both read commands from their standard input, which is a
 * pipe that PID 1 keeps open, and what they say goes to a file.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ops.h"

#define OPEN_SECONDS 120	/* to open its drives: emulated, and on a busy host */
#define ARGS_MAX 64
#define SAID "/tmp/%s.said"
#define SAID_LINES 10		/* first and last ones that it said, where it failed */

struct program {
	const char *id;
	char *argv[ARGS_MAX + 1];
	unsigned int argc;
	int input;		/* its standard input; the other end is ours */
	char commands[4096];	/* that it is given once it runs */
};

static void add_arg(struct program *program, const char *fmt, ...) printf_like(2, 3);

static void add_arg(struct program *program, const char *fmt, ...)
{
	va_list args;

	if (program->argc == ARGS_MAX)
		die("%s: too many arguments", program->id);
	va_start(args, fmt);
	if (vasprintf(&program->argv[program->argc++], fmt, args) < 0)
		die("out of memory");
	va_end(args);
}

void said_open(const char *id)
{
	char path[64];
	int said;

	snprintf(path, sizeof(path), SAID, id);
	said = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
	dup2(said, 1);
	dup2(said, 2);
}

static int program_main(void *arg)
{
	struct program *program = arg;

	dup2(program->input, 0);
	said_open(program->id);
	execv(program->argv[0], program->argv);
	perror(program->argv[0]);
	return 1;
}

/* How many drives a process has open, whoever it is. */
static unsigned int drives_open(pid_t pid)
{
	static const char *const drives[] = { "[vfio-device]", NULL };

	return proc_files(pid, drives);
}

static bool program_settled(void *arg)
{
	struct proc *proc = arg;

	return proc->ended || drives_open(proc->pid) == proc->owner->count;
}

/* DPDK shares files in a folder, and loads drivers only where nobody else may write. */
static void prepare_folders(void)
{
	chmod("/", 0755);
	mkdir("/var", 0755);
	mkdir("/var/run", 0755);
}

char *said_by(const char *id)
{
	char path[64], *text;

	snprintf(path, sizeof(path), SAID, id);
	return file_slurp(path, &text, NULL) ? NULL : text;
}

/* Its first lines say what went wrong in starting, its last ones what did later. */
void report_said(const char *id)
{
	char *text = said_by(id), *save = NULL, *line;
	unsigned int lines = 0, number = 0;

	for (char *c = text; c && *c; c++)
		lines += *c == '\n';
	for (line = text ? strtok_r(text, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save)) {
		if (number < SAID_LINES || number + SAID_LINES >= lines)
			report_note("%s: %s", id, line);
		number++;
	}
	free(text);
}

static struct owner *owner_of(const char *id, char **words, unsigned int count)
{
	struct owner *owner = owner_create(id);

	for (unsigned int i = 0; i < count && owner->count < SLOTS_MAX; i++) {
		const struct slot *slot = slot_arg(words[i]);

		owner->slots[owner->count] = slot->number;
		strcpy(owner->devices[owner->count++], slot->device);
	}
	return owner;
}

static void run_program(struct program *program, struct owner *owner)
{
	size_t len = strlen(program->commands);
	struct proc *proc;
	char role[64];
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		die("pipe: %s", strerror(errno));
	program->input = ends[0];
	snprintf(role, sizeof(role), "owner %s", program->id);
	proc = proc_spawn(program->id, role, program_main, program);
	proc->owner = owner;
	close(ends[0]);
	if (write(ends[1], program->commands, len) != (ssize_t)len)
		die("%s takes no commands: %s", program->id, strerror(errno));
	if (!wait_for(OPEN_SECONDS, program_settled, proc) || proc->ended) {
		report_said(program->id);
		die("%s has opened %u of %u drives", proc->role, drives_open(proc->pid),
		    owner->count);
	}
	owner->ready = true;
	for (unsigned int i = 0; i < program->argc; i++)
		free(program->argv[i]);
}

/*
 * No huge pages, which would have to be set aside, and no packets: it does not
 * forward any until it is told to.
 */
static const char *const testpmd[] = {
	"/usr/bin/dpdk-testpmd", "--lcores=0,1@0", "--no-huge", "-m", "64", "--no-telemetry",
	"--iova-mode=va", NULL
};

void op_testpmd(char **words, unsigned int count)
{
	struct owner *owner = owner_of(words[0], words + 1, count - 1);
	struct program program = { .id = words[0] };

	id_arg(words[0]);
	prepare_folders();
	for (const char *const *arg = testpmd; *arg; arg++)
		add_arg(&program, "%s", *arg);
	add_arg(&program, "--file-prefix=%s", words[0]);
	for (unsigned int i = 0; i < owner->count; i++)
		add_arg(&program, "--allow=%s", owner->devices[i]);
	add_arg(&program, "--");
	add_arg(&program, "--interactive");
	add_arg(&program, "--hot-plug");
	add_arg(&program, "--total-num-mbufs=2048");
	run_program(&program, owner);
}

static const char *const machine[] = {
	"/usr/bin/qemu-system-x86_64", "-M", "q35", "-accel", "tcg", "-m", "32", "-nodefaults",
	"-no-user-config", "-display", "none", "-S", "-monitor", "stdio",
	/* Otherwise only the machine's firmware could let go of a drive. */
	"-global", "ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off", NULL
};

/*
 * The drives of a machine that has not been switched on are in slots of its own.
 * One that was plugged is in a slot without power yet, and QEMU can take it out
 * when it is asked for it.  One that was there from the beginning has power, and
 * the machine would have to agree, which it never will.
 */
void op_machine(char **words, unsigned int count)
{
	struct owner *owner = owner_of(words[0], words + 2, count - 2);
	struct program program = { .id = words[0] };
	bool stays = !strcmp(words[1], "keeps");
	size_t len = 0;

	id_arg(words[0]);
	if (!stays && strcmp(words[1], "yields"))
		die("a machine yields or keeps, not \"%s\"", words[1]);
	for (const char *const *arg = machine; *arg; arg++)
		add_arg(&program, "%s", *arg);
	for (unsigned int i = 0; i < owner->count; i++) {
		add_arg(&program, "-device");
		add_arg(&program, "pcie-root-port,id=p%u,bus=pcie.0,chassis=%u", i, i + 1);
	}
	for (unsigned int i = 0; i < owner->count && stays; i++) {
		add_arg(&program, "-device");
		add_arg(&program, "vfio-pci,host=%s,bus=p%u", owner->devices[i], i);
	}
	for (unsigned int i = 0; i < owner->count && !stays && len < sizeof(program.commands); i++)
		len += snprintf(program.commands + len, sizeof(program.commands) - len,
				"device_add vfio-pci,host=%s,bus=p%u\n", owner->devices[i], i);
	run_program(&program, owner);
}

static bool has_said(void *arg)
{
	char **words = arg, *text = said_by(words[1]);
	bool found = text && strstr(text, words[2]);

	free(text);
	return found;
}

void op_await_said(char **words, unsigned int count)
{
	(void)count;
	if (wait_for(number_arg(words[0]), has_said, words))
		return;
	report_said(words[1]);
	hung("after %s s %s has not said \"%s\"", words[0], words[1], words[2]);
}
