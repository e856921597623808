// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_pull.c - a drive is pulled: what QEMU is asked, in which order, and whatever it answers
 */
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

#include "../../lab/vm_private.h"

#define HMP(line, id) "{\"execute\":\"human-monitor-command\",\"arguments\":" \
	"{\"command-line\":\"" line "\"},\"id\":" id "}\n"

/* Slot Control of the root port 00:03.0, whose capability is at 54h. */
#define BEGIN "{\"execute\":\"stop\",\"id\":-2}\n" \
	HMP("i \\/w 0xcf8", "-4") HMP("o \\/w 0xcf8 0x8000186c", "-2") HMP("i \\/h 0xcfc", "-5")

struct machine {
	struct sg_vm vm;
	int fds[2];
};

static void ignore_event(void *context, const char *event, struct json_object *data)
{
	(void)context;
	(void)event;
	(void)data;
}

static void hear(struct machine *machine, const char *text)
{
	assert_int_equal(sg_qmp_receive(machine->vm.qmp, text, strlen(text)), 0);
}

static void assert_asked(struct machine *machine, const char *wanted)
{
	char sent[4096];
	ssize_t size = recv(machine->fds[1], sent, sizeof(sent) - 1, MSG_DONTWAIT);

	sent[size > 0 ? size : 0] = '\0';
	assert_string_equal(sent, wanted);
}

static int setup(void **state)
{
	static const char ready[] = "{\"QMP\": {}}\n{\"return\": {}, \"id\": -1}\n";
	struct machine *machine = calloc(1, sizeof(*machine));
	char capabilities[128];

	*state = machine;
	if (!machine || socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, machine->fds) ||
	    sg_qmp_create(machine->fds[0], ignore_event, vm_take_reply, &machine->vm,
			  &machine->vm.qmp) ||
	    sg_qmp_receive(machine->vm.qmp, ready, strlen(ready)))
		return -1;
	return recv(machine->fds[1], capabilities, sizeof(capabilities), 0) > 0 ? 0 : -1;
}

static int teardown(void **state)
{
	struct machine *machine = *state;

	sg_qmp_destroy(machine->vm.qmp);
	close(machine->fds[0]);
	close(machine->fds[1]);
	free(machine);
	return 0;
}

static void registers_are_as_they_were(void **state)
{
	struct machine *machine = *state;

	vm_pull(&machine->vm, "0000:00:03.0", 0x6c);
	assert_asked(machine, BEGIN);
	hear(machine, "{\"return\": \"portl[0x0cf8] = 0x80001004\\r\\n\", \"id\": -4}\n"
		      "{\"return\": \"\", \"id\": -2}\n");
	assert_asked(machine, "");
	hear(machine, "{\"return\": \"portw[0x0cfc] = 0x1131\\r\\n\", \"id\": -5}\n");
	assert_asked(machine, HMP("o \\/h 0xcfc 0x1731", "-2") HMP("o \\/h 0xcfc 0x1131", "-2")
			      HMP("o \\/w 0xcf8 0x80001004", "-2")
			      "{\"execute\":\"cont\",\"id\":-3}\n");
}

static void one_after_the_other(void **state)
{
	struct machine *machine = *state;

	vm_pull(&machine->vm, "0000:00:03.0", 0x6c);
	assert_asked(machine, BEGIN);
	vm_pull(&machine->vm, "0000:00:03.0", 0x6c);
	assert_asked(machine, "");
	hear(machine, "{\"return\": {}, \"id\": -3}\n");
	assert_asked(machine, BEGIN);
	hear(machine, "{\"return\": {}, \"id\": -3}\n");
	assert_asked(machine, "");
	assert_false(machine->vm.decided);
}

static void assert_failed(struct machine *machine)
{
	assert_true(machine->vm.decided);
	assert_int_equal(machine->vm.result.verdict, SG_FAILED);
}

static void nonsense_fails_the_run(void **state)
{
	vm_pull(&((struct machine *)*state)->vm, "a port", 0x6c);
	assert_failed(*state);
}

static void a_wrong_answer_fails_the_run(void **state)
{
	struct machine *machine = *state;

	vm_pull(&machine->vm, "0000:00:03.0", 0x6c);
	hear(machine, "{\"return\": \"unknown command: 'i'\\r\\n\", \"id\": -4}\n");
	assert_failed(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(registers_are_as_they_were, setup, teardown),
		cmocka_unit_test_setup_teardown(one_after_the_other, setup, teardown),
		cmocka_unit_test_setup_teardown(nonsense_fails_the_run, setup, teardown),
		cmocka_unit_test_setup_teardown(a_wrong_answer_fails_the_run, setup, teardown),
	};

	return cmocka_run_group_tests_name("pull", tests, NULL, NULL);
}
