// SPDX-License-Identifier: GPL-2.0-only
/*
 * service.c - what a command says is also what "systemctl status" shows of its service
 *
 * The service manager names a datagram socket in NOTIFY_SOCKET (sd_notify(3));
 * where there is none, nobody asked.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "cmd.h"
#include "service.h"
#include "slotgate/cleanup.h"
#include "slotgate/strv.h"

/* A status that does not arrive is no reason to fail: the journal has the line as well. */
static void notify(const char *text)
{
	const char *path = getenv("NOTIFY_SOCKET");
	sg_autofree char *message = sg_format("STATUS=%s", text);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	sg_autoclose int fd = -1;
	size_t length = path ? strlen(path) : 0;

	if (!message || !length || length >= sizeof(address.sun_path))
		return;
	memcpy(address.sun_path, path, length);
	if (*path == '@')	/* an abstract name */
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0)
		sendto(fd, message, strlen(message), MSG_NOSIGNAL, (struct sockaddr *)&address,
		       offsetof(struct sockaddr_un, sun_path) + length);
}

void service_say(const char *fmt, ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	puts(text);
	notify(text);
}

int service_fail(const char *fmt, ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	notify(text);
	return sg_cmd_fail(SG_EXIT_FAILURE, "%s", text);
}
