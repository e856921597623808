// SPDX-License-Identifier: GPL-2.0-only
/*
 * main.c - the guest's PID 1
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent.h"

#define PLAN "/sg/plan"
#define GUEST "/guest"
#define BUSYBOX "/bin/busybox"

static const struct {
	const char *type;
	const char *path;
} mounts[] = {
	{ "proc", "/proc" },
	{ "sysfs", "/sys" },
	{ "devtmpfs", "/dev" },
	{ "tracefs", "/sys/kernel/tracing" },
	{ "debugfs", "/sys/kernel/debug" },
};

/* Some come mounted by the kernel, and debugfs may be left out of it. */
static void mount_all(void)
{
	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		mkdir(mounts[i].path, 0755);
		mount(mounts[i].type, mounts[i].path, mounts[i].type, 0, NULL);
	}
}

static void open_console(void)
{
	int fd = open("/dev/console", O_RDWR);

	for (int std = 0; fd >= 0 && std < 3; std++)
		dup2(fd, std);
	if (fd > 2)
		close(fd);
}

/* The evidence is taken by us: the kernel's own reports would only add noise. */
static void quiet_kernel(void)
{
	file_write("/proc/sys/kernel/hung_task_timeout_secs", "0");
}

static void connect_host(void)
{
	int err = modules_load("virtio");

	if (err && err != -ENOENT && file_exists(PLAN))
		die("/sg/modules: %s", strerror(-err));
	report_connect();
}

static void report_boot(void)
{
	struct json_object *rec = record("boot");
	struct utsname name;

	uname(&name);
	json_object_object_add(rec, "release", json_object_new_string(name.release));
	report(rec);
}

static int shell_main(void *unused)
{
	char *const argv[] = { "sh", "-l", NULL };
	char tty[64] = "console", path[80];

	(void)unused;
	setsid();
	/* /dev/console itself cannot be a controlling terminal */
	if (!file_read(tty, sizeof(tty), "/sys/class/tty/console/active") && strrchr(tty, ' '))
		memmove(tty, strrchr(tty, ' ') + 1, strlen(strrchr(tty, ' ')));
	snprintf(path, sizeof(path), "/dev/%s", tty);
	close(0);
	if (open(path, O_RDWR) == 0) {
		ioctl(0, TIOCSCTTY, 1);
		dup2(0, 1);
		dup2(0, 2);
	}
	execv(BUSYBOX, argv);
	return 127;
}

static bool shell_ended(void *proc)
{
	return ((struct proc *)proc)->ended;
}

static int install_main(void *unused)
{
	char *const argv[] = { "busybox", "--install", "-s", "/bin", NULL };

	(void)unused;
	execv(BUSYBOX, argv);
	return 127;
}

static void shell(void)
{
	struct proc *proc;

	modules_load_all();
	slots_refresh();
	proc = proc_spawn("install", "install", install_main, NULL);
	wait_for(60, shell_ended, proc);
	proc = proc_spawn("shell", "shell", shell_main, NULL);
	while (!wait_for(3600, shell_ended, proc))
		;
}

static void run(void)
{
	if (file_exists(PLAN))
		plan_run(PLAN);
	else if (file_exists(BUSYBOX))
		shell();
	else
		die("there is neither %s nor %s", PLAN, BUSYBOX);
}

static void report_done(void)
{
	report_events();
	report_counters();
	report_klog();
	report_diagnosis();
	report(record("done"));
}

static void (*const steps[])(void) = {
	mount_all, open_console, quiet_kernel, connect_host, report_boot,
	trace_setup, slots_refresh, run, report_done, power_off, NULL
};

/* The machine is itself a guest of one that an agent runs in. */
static void (*const guest_steps[])(void) = {
	mount_all, open_console, guest_run, NULL
};

int main(void)
{
	void (*const *step)(void) = file_exists(GUEST) ? guest_steps : steps;

	setenv("PATH", "/bin:/sbin", 1);
	for (; *step; step++)
		(*step)();
	return 0;
}
