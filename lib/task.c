// SPDX-License-Identifier: GPL-2.0-only
/*
 * task.c - what the kernel says about its tasks
 */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <json-c/json.h>

#include "file.h"
#include "task.h"

#define WROTE_MAX 64

/* Beginnings of names of functions in PCI, pciehp, vfio, sysfs and device-core code. */
static const char *const ours[] = {
	"pci", "__pci", "vfio_", "kernfs_drain", "kernfs_fop_write", "kernfs_remove",
	"device_", "__device_", "driver_", "__driver_", "bus_rescan", "rescan_store",
	"dev_rescan_store", "remove_store", "reset_store", "report_", "aer_", "sriov_",
	"slotgate_", "sg_", "xen_pcibk", "__xen_pcibk", "nvme_reset_work", "nvme_start_ctrl", NULL
};

/*
 * A line is "[<0>] function+0x12/0x345 [module]".  Some builds list symbols of
 * the padding in front of a function; they are no functions of their own.
 */
static void add_frame(struct json_object *stack, const char *line)
{
	const char *name = strstr(line, "] ");
	size_t len;

	name = name ? name + 2 : line;
	len = strcspn(name, "+ \n");
	if (len && strncmp(name, "__pfx_", 6))
		json_object_array_add(stack, json_object_new_string_len(name, len));
}

struct json_object *task_stack(pid_t tid)
{
	struct json_object *stack = json_object_new_array();
	char path[64], *text, *line, *save = NULL;

	snprintf(path, sizeof(path), "/proc/%d/stack", tid);
	if (file_slurp(path, &text, NULL))
		return stack;
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		add_frame(stack, line);
	free(text);
	return stack;
}

/* The state follows the last ')': a task's name may hold anything. */
char task_state(pid_t tid)
{
	char text[512], *paren;

	if (file_read(text, sizeof(text), "/proc/%d/stat", tid))
		return '?';
	paren = strrchr(text, ')');
	return paren && paren[1] ? paren[2] : '?';
}

bool frame_is_ours(const char *frame)
{
	for (size_t i = 0; ours[i]; i++)
		if (!strncmp(frame, ours[i], strlen(ours[i])))
			return true;
	return false;
}

bool stack_is_ours(struct json_object *stack)
{
	size_t len = json_object_array_length(stack);

	for (size_t i = 0; i < len; i++)
		if (frame_is_ours(json_object_get_string(json_object_array_get_idx(stack, i))))
			return true;
	return false;
}

bool task_blocked(pid_t tid)
{
	struct json_object *stack;
	char state = task_state(tid);
	bool ret;

	if (state != 'D' && state != 'S')
		return false;
	stack = task_stack(tid);
	ret = stack_is_ours(stack);
	json_object_put(stack);
	return ret;
}

static void add_string(struct json_object *obj, const char *key, const char *value)
{
	json_object_object_add(obj, key, json_object_new_string(value));
}

/* What a write of a few printable bytes writes; the address is in the task's memory. */
static void add_wrote(struct json_object *task, pid_t tid, unsigned long long address,
		      unsigned long long count)
{
	char path[64], text[WROTE_MAX];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", tid);
	fd = count && count < sizeof(text) ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0)
		return;
	len = pread(fd, text, count, address);
	close(fd);
	while (len > 0 && isspace((unsigned char)text[len - 1]))
		len--;
	for (ssize_t i = 0; i < len; i++)
		if (!isprint((unsigned char)text[i]))
			return;
	if (len > 0)
		json_object_object_add(task, "wrote", json_object_new_string_len(text, len));
}

/*
 * The file that a write or read in progress works on: /proc/PID/syscall has
 * the number of the call and its arguments, the descriptor first.
 */
static void add_file(struct json_object *task, pid_t tid)
{
	unsigned long long address = 0, count = 0;
	char text[256], link[64], path[PATH_MAX], *mark;
	unsigned int fd;
	ssize_t len;
	long nr;

	if (file_read(text, sizeof(text), "/proc/%d/syscall", tid) ||
	    sscanf(text, "%ld 0x%x 0x%llx 0x%llx", &nr, &fd, &address, &count) < 2 ||
	    (nr != SYS_write && nr != SYS_read))
		return;
	snprintf(link, sizeof(link), "/proc/%d/fd/%u", tid, fd);
	len = readlink(link, path, sizeof(path) - 1);
	if (len < 0)
		return;
	path[len] = '\0';
	mark = strstr(path, " (deleted)");
	if (mark)
		*mark = '\0';
	add_string(task, "file", path);
	if (nr == SYS_write)
		add_wrote(task, tid, address, count);
}

/* The process that a thread belongs to, if it is not the thread itself. */
static void add_process(struct json_object *task, pid_t tid)
{
	static const char key[] = "\nTgid:";
	char path[64], *text, *at;

	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	if (file_slurp(path, &text, NULL))
		return;
	at = strstr(text, key);
	if (at && atoi(at + strlen(key)) != tid)
		json_object_object_add(task, "process",
				       json_object_new_int(atoi(at + strlen(key))));
	free(text);
}

struct json_object *task_json(pid_t tid, const char *role, struct json_object *stack)
{
	struct json_object *task = json_object_new_object();
	char comm[32] = "", state[2] = { task_state(tid), '\0' };

	file_read(comm, sizeof(comm), "/proc/%d/comm", tid);
	json_object_object_add(task, "pid", json_object_new_int(tid));
	add_string(task, "comm", comm);
	add_string(task, "state", state);
	add_string(task, "role", role);
	add_process(task, tid);
	add_file(task, tid);
	json_object_object_add(task, "stack", stack);
	return task;
}

static void threads_each(const char *pid, void (*visit)(void *arg, pid_t tid), void *arg)
{
	char path[300];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%s/task", pid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		pid_t tid = atoi(entry->d_name);

		if (tid > 0 && tid != getpid())
			visit(arg, tid);
	}
	if (dir)
		closedir(dir);
}

void tasks_each(void (*visit)(void *arg, pid_t tid), void *arg)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (isdigit((unsigned char)entry->d_name[0]))
			threads_each(entry->d_name, visit, arg);
	if (dir)
		closedir(dir);
}

/* A task's counterpart in @before, if it stands where it stood then. */
static bool unchanged(struct json_object *task, struct json_object *before)
{
	for (size_t i = 0; i < json_object_array_length(before); i++) {
		struct json_object *old = json_object_array_get_idx(before, i);

		if (json_object_equal(json_object_object_get(task, "pid"),
				      json_object_object_get(old, "pid")))
			return json_object_equal(json_object_object_get(task, "stack"),
						 json_object_object_get(old, "stack")) &&
			       json_object_equal(json_object_object_get(task, "switches"),
						 json_object_object_get(old, "switches"));
	}
	return false;
}

struct json_object *tasks_unchanged(struct json_object *after, struct json_object *before)
{
	struct json_object *ret = json_object_new_array();

	for (size_t i = 0; i < json_object_array_length(after); i++) {
		struct json_object *task = json_object_array_get_idx(after, i);

		if (unchanged(task, before))
			json_object_array_add(ret, json_object_get(task));
	}
	return ret;
}
