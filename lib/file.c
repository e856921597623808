// SPDX-License-Identifier: GPL-2.0-only
/*
 * file.c - small files, as sysfs has them
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"

#define format_path(path, fmt)                              \
	do {                                                \
		va_list ap_;                                \
		va_start(ap_, fmt);                         \
		vsnprintf(path, sizeof(path), fmt, ap_);    \
		va_end(ap_);                                \
	} while (0)

int file_read(char *buf, size_t size, const char *fmt, ...)
{
	char path[PATH_MAX];
	ssize_t len;
	int fd, err;

	format_path(path, fmt);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	len = read(fd, buf, size - 1);
	err = errno;
	close(fd);
	if (len < 0)
		return -err;
	buf[len] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	return 0;
}

int file_write(const char *path, const char *text)
{
	size_t len = strlen(text);
	ssize_t done;
	int fd, err;

	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	done = write(fd, text, len);
	err = done == (ssize_t)len ? 0 : done < 0 ? -errno : -EIO;
	close(fd);
	return err;
}

bool file_exists(const char *fmt, ...)
{
	char path[PATH_MAX];

	format_path(path, fmt);
	return access(path, F_OK) == 0;
}

/* proc and tracefs files tell no size: read until the end */
int file_slurp(const char *path, char **ret, size_t *size)
{
	size_t len = 0, room = 65536;
	char *buf = malloc(room), *more;
	ssize_t got = -1;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	while (fd >= 0 && buf && (got = read(fd, buf + len, room - len - 1)) > 0) {
		len += got;
		if (room - len > 4096)
			continue;
		more = realloc(buf, room *= 2);
		if (!more)
			break;
		buf = more;
	}
	if (fd >= 0)
		close(fd);
	if (got != 0) {
		free(buf);
		return -EIO;
	}
	buf[len] = '\0';
	*ret = buf;
	if (size)
		*size = len;
	return 0;
}

int file_link(char *buf, size_t size, const char *fmt, ...)
{
	char path[PATH_MAX], target[PATH_MAX];
	const char *slash;
	ssize_t len;

	format_path(path, fmt);
	len = readlink(path, target, sizeof(target) - 1);
	if (len < 0)
		return -errno;
	target[len] = '\0';
	slash = strrchr(target, '/');
	snprintf(buf, size, "%s", slash ? slash + 1 : target);
	return 0;
}
