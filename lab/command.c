// SPDX-License-Identifier: GPL-2.0-only
/*
 * command.c - child processes that never outlive us, and what they said
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "slotgate/cleanup.h"
#include "slotgate/lab.h"
#include "slotgate/strv.h"

enum { EXIT_NO_PROGRAM = 127, POLL_MS = 20 };

bool sg_watch_stopped(const struct sg_watch *watch)
{
	return watch && watch->stop && *watch->stop;
}

void sg_watch_say(const struct sg_watch *watch, const char *fmt, ...)
{
	sg_autofree char *text = NULL;
	va_list args;

	if (!watch || !watch->progress)
		return;
	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	if (text)
		watch->progress(watch->data, text);
}

static void use_as(int fd, int target)
{
	int from = fd >= 0 ? fd : open("/dev/null", O_RDWR);

	if (from < 0 || dup2(from, target) < 0)
		_exit(EXIT_NO_PROGRAM);
}

static void run_child(pid_t parent, char *const argv[], int out, int error)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)	/* it died before prctl() */
		_exit(EXIT_NO_PROGRAM);
	use_as(-1, STDIN_FILENO);
	use_as(out, STDOUT_FILENO);
	use_as(error, STDERR_FILENO);
	execvp(argv[0], argv);
	_exit(EXIT_NO_PROGRAM);
}

pid_t sg_child_start(char *const argv[], int out, int error)
{
	pid_t parent = getpid(), pid = fork();

	if (pid < 0)
		return -errno;
	if (!pid)
		run_child(parent, argv, out, error);
	return pid;
}

/* Wait in small steps: a signal may stop us between a look at @stop and a sleep. */
static int wait_child(pid_t pid, const struct sg_watch *watch)
{
	int status;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (sg_watch_stopped(watch)) {
			kill(pid, SIGKILL);
			waitpid(pid, NULL, 0);
			return -EINTR;
		}
		usleep(POLL_MS * 1000);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int read_back(int fd, char **ret)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char *text = size < 0 ? NULL : malloc(size + 1);

	if (!text)
		return -ENOMEM;
	size = pread(fd, text, size, 0);
	text[size < 0 ? 0 : size] = '\0';
	*ret = text;
	return 0;
}

/* The last line says why ("E: ..."); what came before is mostly progress. */
static int explain(char *const argv[], int status, int error_fd, struct sg_error *err)
{
	sg_autofree char *text = NULL;
	char *line;

	if (status == EXIT_NO_PROGRAM)
		return sg_error_set(err, -ENOENT, "%s: not found; it is needed here", argv[0]);
	if (read_back(error_fd, &text))
		return sg_error_set(err, -ENOMEM, "%s: out of memory", argv[0]);
	for (size_t n = strlen(text); n && text[n - 1] == '\n'; n--)
		text[n - 1] = '\0';
	line = strrchr(text, '\n');
	line = line ? line + 1 : text;
	if (!*line)
		return sg_error_set(err, -EIO, "%s ended with status %d", argv[0], status);
	return sg_error_set(err, -EIO, "%s: %s", argv[0], line);
}

int sg_command(char *const argv[], const struct sg_watch *watch, char **ret,
	       struct sg_error *err)
{
	sg_autoclose int out = memfd_create("stdout", MFD_CLOEXEC);
	sg_autoclose int error = memfd_create("stderr", MFD_CLOEXEC);
	pid_t pid;
	int status;

	if (out < 0 || error < 0)
		return sg_error_set(err, -errno, "%s: %m", argv[0]);
	pid = sg_child_start(argv, out, error);
	if (pid < 0)
		return sg_error_set(err, pid, "%s: %s", argv[0], strerror(-pid));
	status = wait_child(pid, watch);
	if (status == -EINTR)
		return sg_error_set(err, -EINTR, "interrupted");
	if (status)
		return explain(argv, status, error, err);
	return ret ? read_back(out, ret) : 0;
}
