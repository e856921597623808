// SPDX-License-Identifier: GPL-2.0-only
/*
 * ops_record.c - record locks and waits, and send the trace to the host
 *
 * Also the other program that watches locks, which leaves no trace: klockstat.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ops.h"

#define RECORDER "/sg/recorder"
#define KLOCKSTAT "/usr/sbin/klockstat"
#define TRACE "/run/trace"
#define LOG "/run/recorder.log"
#define READY "recording"	/* its word for having begun */
#define ID "recorder"
#define OPTIONS_MAX 4

enum { START_SECONDS = 300, END_SECONDS = 60, CHUNK = 12 * 1024, STILL_MS = 2000 };

static char *options[OPTIONS_MAX + 1];
static struct proc *recorder;	/* the latest who watches locks; NULL: there was none */

static int recorder_main(void *unused)
{
	char *argv[OPTIONS_MAX + 4] = { RECORDER, "-o", TRACE };
	int log = open(LOG, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	(void)unused;
	for (unsigned int i = 0; options[i]; i++)
		argv[3 + i] = options[i];
	dup2(log, STDERR_FILENO);
	execv(RECORDER, argv);
	return 127;
}

static bool has_begun(void *proc)
{
	char *log;
	bool begun;

	if (((struct proc *)proc)->ended)
		return true;
	if (file_slurp(LOG, &log, NULL))
		return false;
	begun = strstr(log, READY);
	free(log);
	return begun;
}

static bool has_ended(void *proc)
{
	return ((struct proc *)proc)->ended;
}

/* What it has to say, line by line. */
static void report_log(void)
{
	char *log, *save = NULL;

	if (file_slurp(LOG, &log, NULL))
		return;
	for (char *line = strtok_r(log, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		report_note("recorder: %s", line);
	free(log);
}

void op_record(char **words, unsigned int count)
{
	struct proc *proc;

	for (unsigned int i = 0; i < OPTIONS_MAX; i++) {
		free(options[i]);
		options[i] = i < count ? strdup(words[i]) : NULL;
	}
	unlink(LOG);
	proc = recorder = proc_spawn(ID, ID, recorder_main, NULL);
	if (!wait_for(START_SECONDS, has_begun, proc))
		die("the recorder has not begun after %d s", START_SECONDS);
	if (proc->ended) {
		report_log();
		die("the recorder ended with status %d", proc->status);
	}
}

static int klockstat_main(void *unused)
{
	int log = open(LOG, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	(void)unused;
	dup2(log, STDOUT_FILENO);
	dup2(log, STDERR_FILENO);
	execl(KLOCKSTAT, KLOCKSTAT, NULL);
	return 127;
}

/* Of a program: what it has attached to the kernel. */
static unsigned int hooks_of(pid_t pid)
{
	static const char *const hooks[] = { "bpf_link", "bpf-link", "bpf-tracing", "perf_event", NULL };

	return proc_files(pid, hooks);
}

/* It says so itself, but only when its output is full: it has begun when it attaches no more. */
static bool attaches_no_more(void *proc)
{
	pid_t pid = ((struct proc *)proc)->pid;
	unsigned int hooks = hooks_of(pid);

	if (((struct proc *)proc)->ended)
		return true;
	sleep_ms(STILL_MS);
	return hooks && hooks_of(pid) == hooks;
}

void op_klockstat(char **words, unsigned int count)
{
	(void)words;
	(void)count;
	recorder = proc_spawn("klockstat", "klockstat", klockstat_main, NULL);
	if (!wait_for(START_SECONDS, attaches_no_more, recorder) || recorder->ended) {
		report_log();
		die("klockstat has not begun");
	}
	report_note("klockstat has %u hooks", hooks_of(recorder->pid));
}

pid_t recorder_pid(void)
{
	return recorder && !recorder->ended ? recorder->pid : 0;
}

/* --- the trace in pieces, as text --- */

static void encode(char *text, const unsigned char *bytes, size_t size)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < size; i += 3) {
		unsigned int three = bytes[i] << 16 | (i + 1 < size ? bytes[i + 1] << 8 : 0) |
				     (i + 2 < size ? bytes[i + 2] : 0);

		*text++ = digits[three >> 18];
		*text++ = digits[three >> 12 & 63];
		*text++ = i + 1 < size ? digits[three >> 6 & 63] : '=';
		*text++ = i + 2 < size ? digits[three & 63] : '=';
	}
	*text = '\0';
}

static void send_trace(void)
{
	char *data, text[CHUNK / 3 * 4 + 1];
	size_t size, done = 0;
	int err = file_slurp(TRACE, &data, &size);

	if (err)
		die("%s: %s", TRACE, strerror(-err));
	while (done < size) {
		size_t part = size - done < CHUNK ? size - done : CHUNK;
		struct json_object *rec = record("trace");

		encode(text, (unsigned char *)data + done, part);
		done += part;
		json_object_object_add(rec, "data", json_object_new_string(text));
		json_object_object_add(rec, "last", json_object_new_boolean(done == size));
		report(rec);
	}
	free(data);
}

void op_record_end(char **words, unsigned int count)
{
	struct proc *proc = recorder;
	bool drop = count && !strcmp(words[0], "drop");

	if (!proc)
		die("nobody records");
	kill(proc->pid, SIGINT);
	if (!wait_for(END_SECONDS, has_ended, proc))
		die("the recorder has not ended after %d s", END_SECONDS);
	/* the other program's word is a long table */
	if (proc->status || !strcmp(proc->id, ID))
		report_log();
	if (proc->status)
		die("%s ended with status %d", proc->role, proc->status);
	if (!drop)
		send_trace();
}
