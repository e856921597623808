// SPDX-License-Identifier: GPL-2.0-only
/*
 * qmp.c - QEMU's control protocol
 *
 * QEMU greets, wants "qmp_capabilities", and answers each command with an
 * object that carries the command's id.  Commands issued before the greeting
 * are kept back.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "slotgate/cleanup.h"
#include "slotgate/qmp.h"
#include "slotgate/strv.h"

enum { CAPABILITIES = -1, SEND_WAIT_MS = 5000 };

struct sg_qmp {
	int fd;
	sg_qmp_event_fn *on_event;
	sg_qmp_reply_fn *on_reply;
	void *context;
	struct sg_lines lines;
	struct sg_strv waiting;		/* commands, until the greeting */
	bool ready;
	int err;
};

int sg_qmp_create(int fd, sg_qmp_event_fn *on_event, sg_qmp_reply_fn *on_reply, void *context,
		  struct sg_qmp **ret)
{
	struct sg_qmp *qmp = calloc(1, sizeof(*qmp));

	if (!qmp)
		return -ENOMEM;
	qmp->fd = fd;
	qmp->on_event = on_event;
	qmp->on_reply = on_reply;
	qmp->context = context;
	*ret = qmp;
	return 0;
}

void sg_qmp_destroy(struct sg_qmp *qmp)
{
	if (!qmp)
		return;
	sg_lines_deinit(&qmp->lines);
	sg_strv_deinit(&qmp->waiting);
	free(qmp);
}

/* Commands are far smaller than a socket's buffer: waiting here is the exception. */
static int send_all(int fd, const char *text, size_t size)
{
	while (size) {
		ssize_t n = send(fd, text, size, MSG_NOSIGNAL | MSG_DONTWAIT);
		struct pollfd room = { .fd = fd, .events = POLLOUT };

		if (n < 0 && errno == EAGAIN) {
			if (poll(&room, 1, SEND_WAIT_MS) <= 0)
				return -ETIMEDOUT;
			continue;
		}
		if (n < 0)
			return -errno;
		text += n;
		size -= n;
	}
	return 0;
}

static int send_command(struct sg_qmp *qmp, const char *command, struct json_object *arguments,
			int cookie, bool at_once)
{
	struct json_object *object = json_object_new_object();
	const char *text;
	int err;

	json_object_object_add(object, "execute", json_object_new_string(command));
	if (arguments)
		json_object_object_add(object, "arguments", arguments);
	json_object_object_add(object, "id", json_object_new_int(cookie));
	text = json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN);
	err = at_once ? send_all(qmp->fd, text, strlen(text)) ?: send_all(qmp->fd, "\n", 1) :
			sg_strv_add(&qmp->waiting, "%s\n", text);
	json_object_put(object);
	return err;
}

int sg_qmp_send(struct sg_qmp *qmp, const char *command, struct json_object *arguments,
		int cookie)
{
	return send_command(qmp, command, arguments, cookie, qmp->ready);
}

static int send_waiting(struct sg_qmp *qmp)
{
	int err = 0;

	qmp->ready = true;
	for (size_t i = 0; i < qmp->waiting.count && !err; i++)
		err = send_all(qmp->fd, qmp->waiting.items[i], strlen(qmp->waiting.items[i]));
	sg_strv_deinit(&qmp->waiting);
	return err;
}

static const char *text_of(struct json_object *member)
{
	return json_object_is_type(member, json_type_string) ? json_object_get_string(member) : NULL;
}

static int take_reply(struct sg_qmp *qmp, struct json_object *object, struct json_object *error,
		      struct json_object *answer)
{
	struct json_object *id = NULL, *text = NULL;
	int cookie;

	if (!json_object_object_get_ex(object, "id", &id))
		return -EPROTO;		/* QEMU could not read what we sent */
	cookie = json_object_get_int(id);
	if (cookie == CAPABILITIES)
		return error ? -EPROTO : send_waiting(qmp);
	if (error)
		json_object_object_get_ex(error, "desc", &text);
	qmp->on_reply(qmp->context, cookie,
		      !error ? NULL : text ? json_object_get_string(text) : "no reason given",
		      text_of(answer));
	return 0;
}

static int take_object(struct sg_qmp *qmp, struct json_object *object)
{
	struct json_object *member = NULL, *data = NULL;

	if (json_object_object_get_ex(object, "QMP", &member))
		return send_command(qmp, "qmp_capabilities", NULL, CAPABILITIES, true);
	if (json_object_object_get_ex(object, "event", &member)) {
		json_object_object_get_ex(object, "data", &data);
		qmp->on_event(qmp->context, json_object_get_string(member), data);
		return 0;
	}
	if (json_object_object_get_ex(object, "error", &member))
		return take_reply(qmp, object, member, NULL);
	if (json_object_object_get_ex(object, "return", &member))
		return take_reply(qmp, object, NULL, member);
	return -EPROTO;
}

static void take_line(void *data, char *line)
{
	struct sg_qmp *qmp = data;
	struct json_object *object;

	if (!*line || qmp->err)
		return;
	object = json_tokener_parse(line);
	qmp->err = object && json_object_is_type(object, json_type_object) ?
			   take_object(qmp, object) : -EPROTO;
	json_object_put(object);
}

int sg_qmp_receive(struct sg_qmp *qmp, const char *bytes, size_t size)
{
	int err = sg_lines_feed(&qmp->lines, bytes, size, take_line, qmp);

	return err ? err : qmp->err;
}
