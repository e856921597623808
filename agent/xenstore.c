// SPDX-License-Identifier: GPL-2.0-only
/*
 * xenstore.c - a client of Xen's store, over the socket that xenstored listens on
 *
 * A message is four words (kind, a number that its answer repeats, transaction,
 * length) and that many bytes.  One is answered before the next is sent, so the
 * number says nothing here.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "xen.h"

enum kind {
	READ = 2, BEGIN = 6, END = 7, WRITE = 11, REMOVE = 13, ERROR = 16,
};

enum { BODY_MAX = 4096 };	/* of the protocol */

struct header {
	uint32_t kind, number, transaction, length;
};

int store_open(struct store *store)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = STORE_SOCKET };

	*store = (struct store){ .fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) };
	if (store->fd < 0)
		return -errno;
	if (!connect(store->fd, (struct sockaddr *)&address, sizeof(address)))
		return 0;
	store_close(store);
	return -ECONNREFUSED;
}

void store_close(struct store *store)
{
	close(store->fd);
	store->fd = -1;
}

static int receive(int fd, void *buf, size_t size)
{
	char *at = buf;

	while (size) {
		ssize_t n = read(fd, at, size);

		if (n <= 0)
			return n ? -errno : -EPIPE;
		at += n;
		size -= n;
	}
	return 0;
}

/* What went wrong is a word of its own in the protocol, "ENOENT" and the like. */
static int error_code(const char *word)
{
	if (!strcmp(word, "ENOENT"))
		return -ENOENT;
	return strcmp(word, "EAGAIN") ? -EIO : -EAGAIN;
}

/* @body of @length bytes; the answer goes to @ret, with a NUL behind it. */
static int ask(struct store *store, enum kind kind, const char *body, size_t length,
	       char ret[BODY_MAX + 1])
{
	struct header header = { .kind = kind, .transaction = store->transaction,
				 .length = length };
	int err;

	if (write(store->fd, &header, sizeof(header)) != sizeof(header) ||
	    write(store->fd, body, length) != (ssize_t)length)
		return -EPIPE;
	err = receive(store->fd, &header, sizeof(header));
	if (!err && header.length > BODY_MAX)
		err = -EMSGSIZE;
	if (!err)
		err = receive(store->fd, ret, header.length);
	if (err)
		return err;
	ret[header.length] = '\0';
	return header.kind == ERROR ? error_code(ret) : 0;
}

int store_begin(struct store *store)
{
	char answer[BODY_MAX + 1];
	int err = ask(store, BEGIN, "", 1, answer);

	store->transaction = err ? 0 : strtoul(answer, NULL, 10);
	return err;
}

int store_end(struct store *store)
{
	char answer[BODY_MAX + 1];
	int err = ask(store, END, "T", 2, answer);

	store->transaction = 0;
	return err;
}

int store_write(struct store *store, const char *folder, const char *key, const char *fmt, ...)
{
	char body[BODY_MAX], answer[BODY_MAX + 1];
	int path = snprintf(body, sizeof(body), "%s/%s", folder, key) + 1, length;
	va_list ap;

	va_start(ap, fmt);
	length = vsnprintf(body + path, sizeof(body) - path, fmt, ap);
	va_end(ap);
	return ask(store, WRITE, body, path + length, answer);
}

int store_remove(struct store *store, const char *path)
{
	char answer[BODY_MAX + 1];

	return ask(store, REMOVE, path, strlen(path) + 1, answer);
}

int store_read(struct store *store, const char *folder, const char *key, char *ret, size_t size)
{
	char path[256], answer[BODY_MAX + 1];
	int err;

	snprintf(path, sizeof(path), "%s/%s", folder, key);
	err = ask(store, READ, path, strlen(path) + 1, answer);
	if (!err)
		snprintf(ret, size, "%s", answer);
	return err;
}

int store_number(struct store *store, const char *folder, const char *key)
{
	char text[32];
	int err = store_read(store, folder, key, text, sizeof(text));

	return err ? err : atoi(text);
}
