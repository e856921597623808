// SPDX-License-Identifier: GPL-2.0-only
/*
 * kvm.c - does a guest really run under KVM?
 *
 * /dev/kvm may be there, open and create a machine whose guest then never
 * leaves its firmware (nested virtualization).  So a kernel without initramfs
 * is started: it either panics for want of a root file system, within a
 * moment, or KVM is of no use.  QEMU may also give up at once, over a register
 * that the outer hypervisor does not let it set.  The answer holds until the machine boots again.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "slotgate/cleanup.h"
#include "slotgate/vm.h"

enum { TRIAL_SECONDS = 8, POLL_MS = 100, ANSWER_SIZE = 256 };

static const char marker[] = "Kernel panic - not syncing: VFS";

static void kill_child(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static time_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

/* The end of what came last is kept, because the marker may arrive in two parts. */
static bool saw_marker(int fd, char *text, size_t size)
{
	size_t used = strlen(text), keep = sizeof(marker);
	ssize_t n;

	if (used > size / 2) {
		memmove(text, text + used - keep, keep + 1);
		used = keep;
	}
	n = recv(fd, text + used, size - used - 1, MSG_DONTWAIT);
	if (n <= 0)
		return false;
	for (ssize_t i = 0; i < n; i++)
		if (!text[used + i])
			text[used + i] = ' ';
	text[used + n] = '\0';
	return strstr(text, marker);
}

static int watch_console(int fd, const struct sg_watch *watch, struct sg_error *err)
{
	time_t end = now() + TRIAL_SECONDS;
	char text[4096] = "";

	while (now() < end) {
		struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

		if (sg_watch_stopped(watch))
			return sg_error_set(err, -EINTR, "interrupted");
		if (poll(&poll_fd, 1, POLL_MS) > 0 && saw_marker(fd, text, sizeof(text)))
			return 0;
		if (poll_fd.revents & POLLHUP)
			return sg_error_set(err, -EIO, "QEMU ended at once under KVM");
	}
	return sg_error_set(err, -ETIMEDOUT, "a guest under KVM did not come up within %d s",
			    TRIAL_SECONDS);
}

static int try_guest(const struct sg_kernel *kernel, const struct sg_watch *watch,
		     struct sg_error *err)
{
	static const struct sg_topology no_slots = { .nslots = 0 };
	sg_cleanup(sg_strv_deinit) struct sg_strv argv = {0};
	sg_autoclose int ours = -1, theirs = -1;
	struct sg_machine machine = {
		.kernel = kernel, .topology = &no_slots, .kvm = true,
		.initrd_fd = -1, .record_fd = -1, .qmp_fd = -1,
	};
	int pair[2], code;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
		return sg_error_set(err, -errno, "socketpair: %m");
	ours = pair[0];
	machine.console_fd = theirs = pair[1];
	code = sg_qemu_args(&machine, &argv, err);
	if (code)
		return code;
	pid = sg_child_start(argv.items, -1, -1);
	if (pid < 0)
		return sg_error_set(err, pid, "cannot start QEMU: %s", strerror(-pid));
	close(sg_steal_fd(&theirs));
	code = watch_console(ours, watch, err);
	kill_child(pid);
	return code;
}

static int answer_path(char **path, char **boot, struct sg_error *err)
{
	sg_autofree char *cache = NULL;
	int code = sg_cache_dir(&cache, err);

	if (!code && sg_file_read("/proc/sys/kernel/random/boot_id", boot, NULL))
		code = sg_error_set(err, -ENOENT, "this boot has no id");
	if (code)
		return code;
	(*boot)[strcspn(*boot, "\n")] = '\0';
	*path = sg_format("%s/kvm", cache);
	return *path ? 0 : sg_error_set(err, -ENOMEM, "out of memory");
}

/* One line: boot id, a blank, then nothing or the reason against it. */
static bool known_answer(const char *path, const char *boot, int *code, struct sg_error *err)
{
	sg_autofree char *text = NULL;
	size_t n = strlen(boot);

	if (sg_file_read(path, &text, NULL) || strncmp(text, boot, n) || text[n] != ' ')
		return false;
	text[strcspn(text, "\n")] = '\0';
	*code = text[n + 1] ? sg_error_set(err, -ENODEV, "%s", text + n + 1) : 0;
	return true;
}

int sg_kvm_usable(const struct sg_kernel *kernel, const struct sg_watch *watch,
		  struct sg_error *err)
{
	sg_autofree char *path = NULL, *boot = NULL, *answer = NULL;
	struct sg_error ignored;
	int code;

	if (access("/dev/kvm", R_OK | W_OK))
		return sg_error_set(err, -errno, "/dev/kvm: %m");
	code = answer_path(&path, &boot, err);
	if (code || known_answer(path, boot, &code, err))
		return code;
	sg_watch_say(watch, "trying KVM (once after each boot of this machine)");
	code = try_guest(kernel, watch, err);
	if (code == -EINTR)
		return code;
	answer = sg_format("%s %s\n", boot, code ? err->text : "");
	if (answer)
		sg_file_write(path, answer, strlen(answer), &ignored);
	return code;
}
