// SPDX-License-Identifier: GPL-2.0-only
/*
 * report.c - records to the host, one JSON object per line
 *
 * PID 1 and its children share one open port (the driver allows no second
 * open).  A record longer than the driver's 32 KiB goes out in pieces, so a
 * file lock, which the kernel drops when a process is killed, keeps the lines
 * whole.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <unistd.h>

#include "agent.h"
#include "alarm.h"

#define PORT_NAME "slotgate.0"
#define PORTS "/sys/class/virtio-ports"
#define LOCK_FILE "/.report"
#define SYSLOG_READ_ALL 3

static int port = STDOUT_FILENO;
static int lock = -1;

static int port_open(void)
{
	DIR *dir = opendir(PORTS);
	struct dirent *entry;
	char name[64], path[300];
	int fd = -ENOENT;

	while (dir && fd == -ENOENT && (entry = readdir(dir))) {
		if (file_read(name, sizeof(name), PORTS "/%s/name", entry->d_name) ||
		    strcmp(name, PORT_NAME))
			continue;
		snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
		fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd < 0)
			fd = -errno;
	}
	if (dir)
		closedir(dir);
	return fd;
}

static bool port_found(void *ret)
{
	*(int *)ret = port_open();
	return *(int *)ret != -ENOENT;
}

/* The driver learns the port's name from the host some time after its probe. */
int report_connect(void)
{
	int fd = -ENOENT;

	lock = open(LOCK_FILE, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	if (file_exists(PORTS))
		wait_for(10, port_found, &fd);
	if (fd < 0)
		return fd;
	port = fd;
	return 0;
}

struct json_object *record(const char *type)
{
	struct json_object *rec = json_object_new_object();

	json_object_object_add(rec, "t", json_object_new_string(type));
	json_object_object_add(rec, "ms", json_object_new_int64(clock_ms()));
	return rec;
}

static void locked(short type)
{
	struct flock range = { .l_type = type, .l_whence = SEEK_SET };

	while (fcntl(lock, F_SETLKW, &range) && errno == EINTR)
		;
}

/* Consumes @rec. */
void report(struct json_object *rec)
{
	const char *text = json_object_to_json_string_ext(rec, JSON_C_TO_STRING_PLAIN |
							       JSON_C_TO_STRING_NOSLASHESCAPE);
	size_t left = strlen(text) + 1;
	char *line = malloc(left + 1), *next = line;
	ssize_t done;

	if (line) {
		sprintf(line, "%s\n", text);
		locked(F_WRLCK);
		while (left && (done = write(port, next, left)) > 0) {
			next += done;
			left -= done;
		}
		locked(F_UNLCK);
	}
	free(line);
	json_object_put(rec);
}

void report_time(const char *name, uint64_t ms)
{
	struct json_object *rec = record("time");

	json_object_object_add(rec, "name", json_object_new_string(name));
	json_object_object_add(rec, "value_ms", json_object_new_int64(ms));
	report(rec);
}

void report_note(const char *fmt, ...)
{
	struct json_object *rec = record("note");
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	json_object_object_add(rec, "text", json_object_new_string(text));
	report(rec);
}

char *klog_read(void)
{
	const int size = 1 << 20;
	char *buf = malloc(size + 1);
	int len = buf ? klogctl(SYSLOG_READ_ALL, buf, size) : -1;

	if (len < 0) {
		free(buf);
		return NULL;
	}
	buf[len] = '\0';
	return buf;
}

bool klog_has(const char *text)
{
	char *log = klog_read();
	bool found = log && strstr(log, text);

	free(log);
	return found;
}

/* Log lines may hold bytes that are no UTF-8; JSON must not. */
static void add_line(struct json_object *list, char *line)
{
	for (char *c = line; *c; c++)
		if ((unsigned char)*c < ' ' || (unsigned char)*c > '~')
			*c = '?';
	json_object_array_add(list, json_object_new_string(line));
}

struct json_object *kernel_log(unsigned int lines)
{
	struct json_object *list = json_object_new_array();
	char *log = klog_read(), *start, *line, *save = NULL;

	if (!log)
		return list;
	start = log + strlen(log);
	for (lines++; start > log && lines; start--)
		if (start[-1] == '\n' && !--lines)
			break;
	for (line = strtok_r(start, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		add_line(list, line);
	free(log);
	return list;
}

void report_klog(void)
{
	struct json_object *list = json_object_new_array(), *rec;
	char *log = klog_read(), *line, *save = NULL;

	for (line = log ? strtok_r(log, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save))
		if (alarm_in(line))
			add_line(list, line);
	free(log);
	if (!json_object_array_length(list)) {
		json_object_put(list);
		return;
	}
	rec = record("alarm");
	json_object_object_add(rec, "lines", list);
	report(rec);
}
