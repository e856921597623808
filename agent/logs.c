// SPDX-License-Identifier: GPL-2.0-only
/*
 * logs.c - what an operator would have of a hang
 *
 * The kernel's own words about blocked tasks, each kind in a file of its own as
 * if only that had been saved, and what `slotgate diagnose` makes of the machine.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ops.h"

#define PROGRAM "/bin/slotgate-diagnose"
#define HUNG_TASK "/proc/sys/kernel/hung_task_"
#define HUNG_SECONDS "2"
#define WATCHED_MS 7000		/* two rounds of the kernel's watch, and some */
#define WRITTEN_MS 1000
#define DIAGNOSE_SECONDS 60
#define NOBODY 65534

static bool wanted;

void op_logs(char **words, unsigned int count)
{
	(void)words, (void)count;
	wanted = true;
}

static void report_file(const char *name, char *text)
{
	struct json_object *rec = record("file");

	for (char *c = text; *c; c++)
		if (*c != '\n' && *c != '\t' && ((unsigned char)*c < ' ' || (unsigned char)*c > '~'))
			*c = '?';
	json_object_object_add(rec, "name", json_object_new_string(name));
	json_object_object_add(rec, "text", json_object_new_string(text));
	report(rec);
}

/* What the kernel says of blocked tasks by itself, with the watch on for a while. */
static void watch(void)
{
	file_write(HUNG_TASK "warnings", "100");
	file_write(HUNG_TASK "timeout_secs", HUNG_SECONDS);
	sleep_ms(WATCHED_MS * wait_pace_now());
	file_write(HUNG_TASK "timeout_secs", "0");
}

static void ask(void)
{
	file_write("/proc/sysrq-trigger", "w");
	sleep_ms(WRITTEN_MS * wait_pace_now());
}

/* @boot and what the log got after @before; all there is if the log began anew meanwhile. */
static void report_since(const char *name, const char *boot, const char *before)
{
	char *now = klog_read(), *text = NULL;
	size_t len = before ? strlen(before) : 0;

	if (now && before && !strncmp(now, before, len) &&
	    asprintf(&text, "%s%s", boot ? boot : "", now + len) >= 0)
		report_file(name, text);
	else if (now)
		report_file(name, now);
	free(text);
	free(now);
}

/* In the child: the program as @user, for as long as it may take. */
static void noreturn diagnose(int out, uid_t user)
{
	dup2(out, STDOUT_FILENO);
	alarm(DIAGNOSE_SECONDS * wait_pace_now());
	if (!user || !setuid(user))
		execl(PROGRAM, PROGRAM, "--json", NULL);
	_exit(127);
}

static void report_output(const char *name, uid_t user)
{
	static char text[1 << 20];
	size_t len = 0;
	ssize_t got;
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return;
	pid = fork();
	if (!pid)
		diagnose(ends[1], user);
	close(ends[1]);
	while (pid > 0 && len < sizeof(text) - 1 &&
	       (got = read(ends[0], text + len, sizeof(text) - 1 - len)) > 0)
		len += got;
	close(ends[0]);
	text[len] = '\0';
	report_file(name, text);
}

void report_diagnosis(void)
{
	if (!wanted || !file_exists(PROGRAM))
		return;
	report_output("diagnosis-root.json", 0);
	report_output("diagnosis-user.json", NOBODY);
}

void report_logs(void)
{
	char *boot, *before;

	if (!wanted)
		return;
	report_diagnosis();
	file_write("/proc/sys/kernel/printk", "1");	/* not for the console, where it is a complaint */
	boot = klog_read();
	watch();
	report_since("hung-task.log", boot, boot);
	before = klog_read();
	ask();
	report_since("sysrq-w.log", boot, before);
	free(before);
	free(boot);
}
