// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_qmp.c - lines from a stream, and QEMU's control protocol over a socket pair
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "slotgate/qmp.h"

static const char greeting[] =
	"{\"QMP\": {\"version\": {\"qemu\": {\"major\": 7}}, \"capabilities\": []}}\r\n";

struct log {
	char text[4096];
};

static void take(void *data, char *line)
{
	struct log *log = data;
	size_t n = strlen(log->text);

	snprintf(log->text + n, sizeof(log->text) - n, "[%s]", line);
}

static void lines_survive_any_cut(void **state)
{
	static const char stream[] = "one\ntwo\r\n\nfour\nunfinished";
	const size_t size = sizeof(stream) - 1;

	(void)state;
	for (size_t step = 1; step <= size; step++) {
		struct sg_lines lines = {0};
		struct log log = { "" };

		for (size_t at = 0; at < size; at += step)
			assert_int_equal(sg_lines_feed(&lines, stream + at,
						       at + step > size ? size - at : step,
						       take, &log), 0);
		assert_string_equal(log.text, "[one][two][][four]");
		sg_lines_deinit(&lines);
	}
}

static void endless_lines_are_refused(void **state)
{
	struct sg_lines lines = {0};
	struct log log = { "" };
	char *chunk = malloc(1 << 20);
	int err = 0;

	(void)state;
	memset(chunk, 'x', 1 << 20);
	for (int i = 0; i < 20 && !err; i++)
		err = sg_lines_feed(&lines, chunk, 1 << 20, take, &log);
	assert_int_equal(err, -EMSGSIZE);
	free(chunk);
	sg_lines_deinit(&lines);
}

struct peer {
	int ours, qemus;
	struct sg_qmp *qmp;
	struct log log;
};

static void on_event(void *context, const char *event, struct json_object *data)
{
	struct peer *peer = context;
	struct json_object *reason = NULL;
	char line[128];

	json_object_object_get_ex(data, "reason", &reason);
	snprintf(line, sizeof(line), "event %s %s", event,
		 reason ? json_object_get_string(reason) : "-");
	take(&peer->log, line);
}

static void on_reply(void *context, int cookie, const char *error, const char *answer)
{
	struct peer *peer = context;
	char line[128];

	snprintf(line, sizeof(line), "reply %d %s", cookie, error ?: answer ?: "fine");
	take(&peer->log, line);
}

static int setup(void **state)
{
	struct peer *peer = calloc(1, sizeof(*peer));
	int pair[2];

	if (!peer || socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair))
		return -1;
	peer->ours = pair[0];
	peer->qemus = pair[1];
	*state = peer;
	return sg_qmp_create(peer->ours, on_event, on_reply, peer, &peer->qmp);
}

static int teardown(void **state)
{
	struct peer *peer = *state;

	sg_qmp_destroy(peer->qmp);
	close(peer->ours);
	close(peer->qemus);
	free(peer);
	return 0;
}

static int receive(struct peer *peer, const char *text)
{
	return sg_qmp_receive(peer->qmp, text, strlen(text));
}

static void assert_sent(struct peer *peer, const char *expected)
{
	char text[1024];
	ssize_t n = read(peer->qemus, text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	assert_string_equal(text, expected);
}

static void greet(struct peer *peer)
{
	assert_int_equal(receive(peer, greeting), 0);
	assert_sent(peer, "{\"execute\":\"qmp_capabilities\",\"id\":-1}\n");
	assert_int_equal(receive(peer, "{\"return\": {}, \"id\": -1}\r\n"), 0);
}

static void commands_wait_for_the_greeting(void **state)
{
	struct peer *peer = *state;

	assert_int_equal(sg_qmp_send(peer->qmp, "stop", NULL, 1), 0);
	assert_int_equal(sg_qmp_send(peer->qmp, "cont", NULL, 2), 0);
	assert_sent(peer, "");
	greet(peer);
	assert_sent(peer, "{\"execute\":\"stop\",\"id\":1}\n{\"execute\":\"cont\",\"id\":2}\n");
	assert_int_equal(sg_qmp_send(peer->qmp, "quit", NULL, 3), 0);
	assert_sent(peer, "{\"execute\":\"quit\",\"id\":3}\n");
}

static void arguments_are_sent(void **state)
{
	struct peer *peer = *state;
	struct json_object *arguments = json_object_new_object();

	greet(peer);
	json_object_object_add(arguments, "id", json_object_new_string("d1"));
	assert_int_equal(sg_qmp_send(peer->qmp, "device_add", arguments, 4), 0);
	assert_sent(peer, "{\"execute\":\"device_add\",\"arguments\":{\"id\":\"d1\"},\"id\":4}\n");
}

static void replies_and_events_are_told(void **state)
{
	struct peer *peer = *state;

	greet(peer);
	assert_int_equal(receive(peer, "{\"return\": {}, \"id\": 5}\r\n"
		"{\"event\": \"SHUTDOWN\", \"data\": {\"reason\": \"guest-shutdown\"}}\r\n"
		"{\"event\": \"STOP\"}\r\n"
		"{\"error\": {\"class\": \"GenericError\", \"desc\": \"in use\"}, \"id\": 6}\r\n"
		"{\"error\": {}, \"id\": 7}\r\n"), 0);
	assert_string_equal(peer->log.text, "[reply 5 fine][event SHUTDOWN guest-shutdown]"
			    "[event STOP -][reply 6 in use][reply 7 no reason given]");
}

static void nonsense_is_refused(void **state)
{
	static const char *const nonsense[] = {
		"hello\n", "[]\n", "42\n", "null\n", "{}\n", "{\"a\":1}\n", "{\n", "\"QMP\"\n",
		"{\"error\": {\"desc\": \"no id\"}}\n", "{\"return\": {}}\n",
		"{\"error\": {\"desc\": \"no\"}, \"id\": -1}\n",
	};

	for (size_t i = 0; i < sizeof(nonsense) / sizeof(*nonsense); i++) {
		struct peer *peer;

		(void)state;
		assert_int_equal(setup((void **)&peer), 0);
		assert_int_equal(receive(peer, nonsense[i]), -EPROTO);
		teardown((void **)&peer);
	}
}

static void a_peer_that_is_gone_is_an_error(void **state)
{
	struct peer *peer = *state;

	greet(peer);
	shutdown(peer->qemus, SHUT_RDWR);
	assert_int_equal(sg_qmp_send(peer->qmp, "stop", NULL, 1), -EPIPE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_survive_any_cut),
		cmocka_unit_test(endless_lines_are_refused),
		cmocka_unit_test_setup_teardown(commands_wait_for_the_greeting, setup, teardown),
		cmocka_unit_test_setup_teardown(arguments_are_sent, setup, teardown),
		cmocka_unit_test_setup_teardown(replies_and_events_are_told, setup, teardown),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test_setup_teardown(a_peer_that_is_gone_is_an_error, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
