// SPDX-License-Identifier: GPL-2.0-only
/*
 * ops_guest.c - a real guest of Xen, and xl
 *
 * It boots the kernel of domain 0, with what the lab left for it in /sg/guest:
 * guest.c is its PID 1.  Its console is a file here, so that a plan can wait for
 * what it says.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ops.h"
#include "xen.h"

#define ARGS_MAX 12
#define CREATE_SECONDS 120
#define CONSOLES "/var/log/xen/console"
#define CONFIG "/guest.cfg"

/*
 * e820_host, passthrough: xl would set them by itself for a guest that has a
 * drive from the beginning.
 */
static const char config[] =
	"name = \"guest\"\n"
	"type = \"pv\"\n"
	"kernel = \"/sg/guest/kernel\"\n"
	"ramdisk = \"/sg/guest/initrd\"\n"
	"extra = \"console=hvc0 loglevel=5 panic=-1\"\n"
	"memory = 256\n"
	"vcpus = 1\n"
	"e820_host = 1\n"
	"passthrough = \"enabled\"\n"
	"on_crash = \"destroy\"\n"
	"on_reboot = \"destroy\"\n";

static char consoles[] = XEN_PROGRAMS "xenconsoled", xl[] = XEN_PROGRAMS "xl";

static int run_consoles(void *unused)
{
	char *argv[] = { consoles, "-i", "--log=guest", ("--log-dir=" CONSOLES), NULL };

	(void)unused;
	execv(consoles, argv);
	return 127;
}

static void start_consoles(void)
{
	mkdir(CONSOLES, 0755);
	mkdir("/dev/pts", 0755);
	if (mount("devpts", "/dev/pts", "devpts", 0, NULL) && errno != EBUSY)
		die("devpts: %s", strerror(errno));
	proc_spawn("consoles", "xenconsoled", run_consoles, NULL)->service = true;
	if (symlink(CONSOLES "/guest-guest.log", "/tmp/guest.said"))
		die("/tmp/guest.said: %s", strerror(errno));
}

/* ---- xl ---- */

struct call {
	char *argv[ARGS_MAX + 1];
	char text[ARGS_MAX][64];
};

static int call_main(void *arg)
{
	struct call *call = arg;
	int said = open("/tmp/xl.said", O_CREAT | O_TRUNC | O_WRONLY, 0600);

	dup2(said, 1);
	dup2(said, 2);
	execv(xl, call->argv);
	perror(xl);
	return 1;
}

static bool has_ended(void *proc)
{
	return ((struct proc *)proc)->ended;
}

static void call_xl(unsigned int seconds, char **words, unsigned int count)
{
	struct call call = { .argv = { xl, "-v" } };
	struct proc *proc;
	char role[96];

	if (count > ARGS_MAX - 2)
		die("xl: more than %d arguments", ARGS_MAX - 2);
	for (unsigned int i = 0; i < count; i++) {
		text_expand(call.text[i], sizeof(call.text[i]), words[i]);
		call.argv[i + 2] = call.text[i];
	}
	snprintf(role, sizeof(role), "xl %s", words[0]);
	proc = proc_spawn("xl", role, call_main, &call);
	if (!wait_for(seconds, has_ended, proc)) {
		report_said("xl");
		hung("%s has not ended after %u s", role, seconds);
	}
	if (!proc->status)
		return;
	report_said("xl");
	wrong("%s failed, status %d", role, WEXITSTATUS(proc->status));
}

void op_xl(char **words, unsigned int count)
{
	call_xl(number_arg(words[0]), words + 1, count - 1);
}

void op_guest(char **words, unsigned int count)
{
	char *create[] = { "create", CONFIG };
	FILE *file = fopen(CONFIG, "we");

	(void)words, (void)count;
	if (!file || fputs(config, file) < 0 || fclose(file))
		die(CONFIG ": %s", strerror(errno));
	start_consoles();
	call_xl(CREATE_SECONDS, create, 2);
}
