// SPDX-License-Identifier: GPL-2.0-only
/*
 * proc.c - the processes that the plan started
 *
 * Several may share an ID (the workers of a cycle).  PID 1 also reaps whoever
 * loses its parent.
 */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent.h"

#define PROCS_MAX 512

static struct proc procs[PROCS_MAX];
static unsigned int nprocs;

/* Its role is its name too, as far as it fits: that is what other tools show. */
static void noreturn child(const char *role, int (*run)(void *), void *arg)
{
	sigset_t none;

	prctl(PR_SET_NAME, role);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	_exit(run(arg));
}

struct proc *proc_adopt(const char *id, const char *role, pid_t pid)
{
	struct proc *proc;

	if (nprocs == PROCS_MAX)
		die("more than %d processes", PROCS_MAX);
	proc = &procs[nprocs++];
	*proc = (struct proc){ .pid = pid };
	snprintf(proc->id, sizeof(proc->id), "%s", id);
	snprintf(proc->role, sizeof(proc->role), "%s", role);
	return proc;
}

struct proc *proc_spawn(const char *id, const char *role, int (*run)(void *), void *arg)
{
	pid_t pid = fork();

	if (pid == 0)
		child(role, run, arg);
	if (pid < 0)
		die("fork: %s", strerror(errno));
	return proc_adopt(id, role, pid);
}

struct proc *proc_next(const char *id, const struct proc *proc)
{
	for (unsigned int i = proc ? proc - procs + 1 : 0; i < nprocs; i++)
		if (!id || !strcmp(procs[i].id, id))
			return &procs[i];
	return NULL;
}

struct proc *proc_arg(const char *id)
{
	struct proc *proc = proc_next(id, NULL);

	if (!proc)
		die("there is no process \"%s\"", id);
	return proc;
}

const struct proc *proc_by_pid(pid_t pid)
{
	for (unsigned int i = 0; i < nprocs; i++)
		if (procs[i].pid == pid)
			return &procs[i];
	return NULL;
}

/* A process that is gone has closed everything, whether it came to say so or not. */
static void ended(struct proc *proc, int status)
{
	proc->ended = true;
	proc->status = status;
	if (!proc->owner)
		return;
	for (unsigned int i = 0; i < proc->owner->count; i++)
		proc->owner->closed[i] = true;
	report_note("%s is gone", proc->role);
}

void proc_reap(void)
{
	struct proc *proc;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		proc = (struct proc *)proc_by_pid(pid);
		if (proc)
			ended(proc, status);
	}
}

static bool named(const char *file, const char *const *names)
{
	while (*names && !strstr(file, *names))
		names++;
	return *names;
}

unsigned int proc_files(pid_t pid, const char *const *names)
{
	char path[64], link[64];
	struct dirent *entry;
	unsigned int count = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		ssize_t len = readlinkat(dirfd(dir), entry->d_name, link, sizeof(link) - 1);

		link[len < 0 ? 0 : len] = '\0';
		count += named(link, names);
	}
	if (dir)
		closedir(dir);
	return count;
}
