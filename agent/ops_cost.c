// SPDX-License-Identifier: GPL-2.0-only
/*
 * ops_cost.c - work that takes locks all the time, and how long processors were busy with it
 *
 * In a machine that counts instructions its clock is that count, so that being busy
 * for a millisecond is to have executed a million of them.
 * What is done to slots stands in ops_cost_slot.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ops.h"

#define HACKBENCH "/usr/bin/hackbench"

enum {
	SETTLE_MS = 250,	/* whoever runs is counted when it stops; the recorder looks ten times a second */
	MESSAGE = 100,
	MAP_BYTES = 64 << 10,
	PAGE = 4096,
	NS_PER_MS = 1000000,
	NS_PER_US = 1000,
};

/* --- work --- */

static void pass(int from, int to, unsigned int count)
{
	char message[MESSAGE] = "";

	while (count--)
		if (read(from, message, sizeof(message)) <= 0 ||
		    write(to, message, sizeof(message)) < 0)
			return;
}

/* Two processes hand a message to and fro; closes all. */
static void hand_around(const int *there, const int *back, unsigned int count)
{
	char first[MESSAGE] = "";
	pid_t pid = fork();

	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (!pid) {
		pass(there[0], back[1], count);
		_exit(0);
	}
	if (write(there[1], first, sizeof(first)) < 0)
		die("a message: %s", strerror(errno));
	pass(back[0], there[1], count - 1);
	waitpid(pid, NULL, 0);
	for (int i = 0; i < 2; i++) {
		close(there[i]);
		close(back[i]);
	}
}

static void work_pipes(unsigned int count)
{
	int there[2], back[2];

	if (pipe(there) || pipe(back))
		die("pipe: %s", strerror(errno));
	hand_around(there, back, count);
}

static void work_sockets(unsigned int count)
{
	int there[2], back[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, there) ||
	    socketpair(AF_UNIX, SOCK_STREAM, 0, back))
		die("socketpair: %s", strerror(errno));
	hand_around(there, back, count);
}

static void work_files(unsigned int count)
{
	while (count--) {
		int fd = open("/tmp/work", O_CREAT | O_RDWR | O_CLOEXEC, 0600);

		if (fd < 0 || write(fd, "work", 4) != 4)
			die("/tmp/work: %s", strerror(errno));
		close(fd);
		unlink("/tmp/work");
	}
}

static void work_maps(unsigned int count)
{
	while (count--) {
		char *map = mmap(NULL, MAP_BYTES, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (map == MAP_FAILED)
			die("mmap: %s", strerror(errno));
		for (size_t at = 0; at < MAP_BYTES; at += PAGE)
			((volatile char *)map)[at] = 1;
		munmap(map, MAP_BYTES);
	}
}

/*
 * One group: 20 senders with @count messages for each of 20 receivers.  Who is woken must
 * not preempt: else how often they take turns, and with it what the same kernel needs,
 * differs by a third from run to run.
 */
static void hackbench(const char *by, unsigned int count)
{
	const struct sched_param none = { 0 };
	char loops[16];
	int status;
	pid_t pid;

	snprintf(loops, sizeof(loops), "%u", count);
	pid = fork();
	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (!pid) {
		if (!sched_setscheduler(0, SCHED_BATCH, &none))
			execl(HACKBENCH, "hackbench", "-g", "1", "-l", loops, by, NULL);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) != pid || status)
		die(HACKBENCH " ended with status %#x", status);
}

/* By sockets, unless told otherwise. */
static void work_hackbench(unsigned int count)
{
	hackbench(NULL, count);
}

static void work_hackbench_pipes(unsigned int count)
{
	hackbench("-p", count);
}

static const struct {
	const char *name;
	void (*run)(unsigned int count);
} works[] = {
	{ "hackbench", work_hackbench },
	{ "hackbench-p", work_hackbench_pipes },
	{ "sockets", work_sockets },
	{ "pipes", work_pipes },
	{ "files", work_files },
	{ "maps", work_maps },
};

void op_work(char **words, unsigned int count)
{
	unsigned int times = number_arg(words[1]);

	if (count > 2) {
		work_slot(words[0], times, slot_arg(words[2]));
		return;
	}
	for (size_t i = 0; i < sizeof(works) / sizeof(*works); i++)
		if (!strcmp(works[i].name, words[0])) {
			if (times)
				works[i].run(times);
			return;
		}
	die("there is no work \"%s\"", words[0]);
}

/* --- what it costs --- */

/* Of all tasks, as the scheduler counts them; false if this kernel does not tell. */
static bool by_scheduler(uint64_t *ret)
{
	char *text, *save = NULL;
	unsigned long long ns;
	bool found = false;

	if (file_slurp("/proc/schedstat", &text, NULL))
		return false;
	*ret = 0;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (sscanf(line, "cpu%*u %*u %*u %*u %*u %*u %*u %llu", &ns) == 1) {
			*ret += ns;
			found = true;
		}
	free(text);
	return found;
}

/* All but idle ones, in ticks: coarser. */
static uint64_t by_ticks(void)
{
	unsigned long long user, nice, system, idle, wait, irq, softirq;
	char text[512];

	if (file_read(text, sizeof(text), "/proc/stat") ||
	    sscanf(text, "cpu %llu %llu %llu %llu %llu %llu %llu", &user, &nice, &system, &idle,
		   &wait, &irq, &softirq) != 7)
		die("/proc/stat does not tell what processors do");
	return (user + nice + system + irq + softirq) * (1000 / sysconf(_SC_CLK_TCK)) * NS_PER_MS;
}

static uint64_t busy_ns(void)
{
	uint64_t ns;

	sleep_ms(SETTLE_MS);
	return by_scheduler(&ns) ? ns : by_ticks();
}

/* Of one process; 0 if there is none, or the kernel does not tell. */
static uint64_t process_ns(pid_t pid)
{
	unsigned long long ns;
	char text[128];

	if (!pid || file_read(text, sizeof(text), "/proc/%d/schedstat", pid) ||
	    sscanf(text, "%llu", &ns) != 1)
		return 0;
	return ns;
}

static uint64_t busy_since, recorder_since;

void op_busy_start(char **words, unsigned int count)
{
	(void)words;
	(void)count;
	busy_since = busy_ns();
	recorder_since = process_ns(recorder_pid());
}

void op_busy_stop(char **words, unsigned int count)
{
	uint64_t all = busy_ns() - busy_since;
	uint64_t recorder = process_ns(recorder_pid()) - recorder_since;
	char name[ID_MAX + 16];

	id_arg(words[0]);
	report_time(words[0], all / (count > 1 ? NS_PER_US : NS_PER_MS));
	if (!recorder_pid())
		return;
	snprintf(name, sizeof(name), "%s.recorder", words[0]);
	report_time(name, recorder / NS_PER_MS);
}
