// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_vm.c - verdicts, with a shell script in QEMU's place
 *
 * The script gets QEMU's arguments, and speaks over the same sockets.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "slotgate/vm.h"

static char folder[] = "/tmp/slotgate-vm-XXXXXX";

/* R, C, Q: descriptors of records, console and control. */
static const char prologue[] =
	"#!/bin/bash\n"
	"for arg; do case $arg in\n"
	"socket,id=records,*) R=${arg##*fd=};;\n"
	"socket,id=console,*) C=${arg##*fd=};;\n"
	"socket,id=qmp,*) Q=${arg##*fd=};;\n"
	"esac; done\n"
	"say() { echo \"$1\" >&$R; }\n"
	"print() { echo \"$1\" >&$C; }\n"
	"qmp() { echo \"$1\" >&$Q; }\n"
	"off() { qmp '{\"event\": \"SHUTDOWN\", \"data\": {\"reason\": \"guest-shutdown\"}}'; }\n"
	"boot() { say '{\"t\":\"boot\",\"ms\":900,\"release\":\"6.1.0\"}'; }\n";

static char *path_of(const char *name)
{
	return sg_format("%s/%s", folder, name);
}

static int setup(void **state)
{
	char *path;

	(void)state;
	if (!mkdtemp(folder))
		return -1;
	path = sg_format("%s:%s", folder, getenv("PATH"));
	setenv("PATH", path, 1);
	free(path);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return sg_remove_tree(folder);
}

static void install(const char *script)
{
	char *path = path_of("qemu-system-x86_64");
	char *text = sg_format("%s%s\n", prologue, script);
	struct sg_error err;

	assert_int_equal(sg_file_write(path, text, strlen(text), &err), 0);
	assert_int_equal(chmod(path, 0755), 0);
	free(path);
	free(text);
}

static struct sg_result run_spec(struct sg_vm_spec *spec, const char *script)
{
	static const struct sg_topology topology = {
		.nslots = 1, .slots = { { .number = 1, .has_drive = true } },
	};
	static const struct sg_kernel kernel = { .image = "/boot/vmlinuz" };
	static const struct sg_blob base = {0};
	struct sg_result result;
	struct sg_vm *vm = NULL;
	struct sg_error err;

	install(script);
	spec->kernel = &kernel;
	spec->topology = &topology;
	spec->base = &base;
	spec->plan = "sleep 1\n";
	assert_int_equal(sg_vm_start(spec, &vm, &err), 0);
	while (!sg_vm_finished(vm))
		assert_int_equal(sg_vm_step(&vm, 1, 50), 0);
	sg_vm_take_result(vm, &result);
	sg_vm_destroy(vm);
	return result;
}

static void assert_verdict(const char *script, enum sg_verdict verdict, const char *reason)
{
	struct sg_vm_spec spec = { .timeout = 20 };
	struct sg_result result = run_spec(&spec, script);

	assert_string_equal(result.reason, reason);
	assert_string_equal(sg_verdict_name(result.verdict), sg_verdict_name(verdict));
	sg_result_deinit(&result);
}

static void done_and_power_off_is_passed(void **state)
{
	(void)state;
	assert_verdict("boot; say '{\"t\":\"done\"}'; off", SG_PASSED, "");
}

static void done_without_power_off_is_lost(void **state)
{
	(void)state;
	assert_verdict("boot; say '{\"t\":\"op\",\"text\":\"join 5\"}'; say '{\"t\":\"done\"}'",
		       SG_LOST, "the guest ended by itself during: join 5");
}

static void power_off_without_done_is_lost(void **state)
{
	(void)state;
	assert_verdict("boot; off", SG_LOST, "the guest ended by itself during: boot");
	assert_verdict("off", SG_LOST, "the guest ended by itself during: the agent's start");
}

static void hung_ends_at_once(void **state)
{
	struct sg_vm_spec spec = { .timeout = 20 };
	struct sg_result result;

	(void)state;
	result = run_spec(&spec, "boot; say '{\"t\":\"evidence\",\"tasks\":[]}'\n"
			  "say '{\"t\":\"hung\",\"op\":\"join 5\",\"why\":\"o1 has not ended\"}'\n"
			  "exec sleep 60");
	assert_int_equal(result.verdict, SG_HUNG);
	assert_string_equal(result.reason, "join 5: o1 has not ended");
	assert_string_equal(result.release, "6.1.0");
	assert_non_null(result.evidence);
	assert_true(result.seconds < 10);
	sg_result_deinit(&result);
}

static void a_plan_that_fails_is_no_hang(void **state)
{
	(void)state;
	assert_verdict("boot; say '{\"t\":\"error\",\"op\":\"on 3\",\"why\":\"no slot 3\"}'\n"
		       "exec sleep 60",
		       SG_FAILED, "the plan could not be carried out: on 3: no slot 3");
}

static void what_the_kernel_did_wrong_is_a_verdict(void **state)
{
	(void)state;
	assert_verdict("boot; say '{\"t\":\"wrong\",\"op\":\"unmarked 1\",\"why\":\"slot 1 holds 7\"}'\n"
		       "exec sleep 60",
		       SG_WRONG, "unmarked 1: slot 1 holds 7");
}

static void complaints_fail_a_passing_run(void **state)
{
	(void)state;
	assert_verdict("boot; print '[  1.5] WARNING: CPU: 0 PID: 1 at x.c'\n"
		       "say '{\"t\":\"done\"}'; off",
		       SG_FAILED, "the kernel complained: WARNING: CPU: 0 PID: 1 at x.c");
	assert_verdict("boot; print '[ 99.0] INFO: task a:1 blocked for more than 120 seconds'\n"
		       "say '{\"t\":\"done\"}'; off",
		       SG_FAILED, "the kernel complained: "
		       "INFO: task a:1 blocked for more than 120 seconds");
}

static void a_complaint_before_the_plan_is_no_verdict(void **state)
{
	(void)state;
	assert_verdict("boot; print '[    1.5] WARNING: CPU: 0 PID: 1 at x.c'\n"
		       "say '{\"t\":\"op\",\"ms\":2000,\"text\":\"sleep 1\"}'\n"
		       "say '{\"t\":\"done\"}'; off",
		       SG_LOST, "the kernel complained before the plan began: "
		       "WARNING: CPU: 0 PID: 1 at x.c");
	assert_verdict("boot; print '[    1.5] WARNING: CPU: 0 PID: 1 at x.c'\n"
		       "print '[    2.5] WARNING: CPU: 0 PID: 1 at y.c'\n"
		       "say '{\"t\":\"op\",\"ms\":2000,\"text\":\"sleep 1\"}'\n"
		       "say '{\"t\":\"done\"}'; off",
		       SG_FAILED, "the kernel complained: WARNING: CPU: 0 PID: 1 at y.c");
}

/* As the kernel log is read: a level in front of the time stamp. */
static void alarms_fail_a_passing_run(void **state)
{
	(void)state;
	assert_verdict("boot; say '{\"t\":\"alarm\",\"lines\":"
		       "[\"<4>[    1.500000] WARNING: CPU: 0 PID: 1 at x.c\"]}'\n"
		       "say '{\"t\":\"done\"}'; off",
		       SG_FAILED, "the kernel complained: WARNING: CPU: 0 PID: 1 at x.c");
	assert_verdict("boot; say '{\"t\":\"alarm\",\"lines\":[\"refcount_t: underflow\"]}'\n"
		       "say '{\"t\":\"done\"}'; off",
		       SG_WRONG, "refcount_t: underflow");
}

static void assert_complaints(const char *script, const char *const *lines, size_t count)
{
	struct sg_vm_spec spec = { .timeout = 20 };
	struct sg_result result = run_spec(&spec, script);

	assert_int_equal(result.complaints.count, count);
	for (size_t i = 0; i < count; i++)
		assert_string_equal(result.complaints.items[i], lines[i]);
	sg_result_deinit(&result);
}

/* Whichever of the two comes first. */
static void what_console_and_alarm_both_say_counts_once(void **state)
{
	static const char *const lines[] = { "BUG: bad", "Oops: 0000" };

	(void)state;
	assert_complaints("boot; print '[    1.5] BUG: bad'\n"
			  "say '{\"t\":\"alarm\",\"lines\":[\"<1>[    1.500000] BUG: bad\","
			  "\"<1>[    1.600000][    T7] Oops: 0000\"]}'\n"
			  "say '{\"t\":\"done\"}'; off", lines, 2);
	assert_complaints("boot; say '{\"t\":\"alarm\",\"lines\":[\"<1>[    1.5] BUG: bad\","
			  "\"<1>[    1.6] Oops: 0000\"]}'\n"
			  "sleep 0.2; print '[    1.5] BUG: bad'; print '[    1.6] Oops: 0000'\n"
			  "say '{\"t\":\"done\"}'; off", lines, 2);
}

static void alarms_do_not_hide_a_hang(void **state)
{
	(void)state;
	assert_verdict("boot; say '{\"t\":\"alarm\",\"lines\":[\"BUG: bad\"]}'\n"
		       "say '{\"t\":\"hung\",\"op\":\"join 5\",\"why\":\"o1 has not ended\"}'\n"
		       "exec sleep 60", SG_HUNG, "join 5: o1 has not ended");
}

static void an_alarm_without_lines_is_lost(void **state)
{
	(void)state;
	assert_verdict("boot; say '{\"t\":\"alarm\"}'; exec sleep 60", SG_LOST,
		       "the guest sent an alarm without lines");
	assert_verdict("boot; say '{\"t\":\"alarm\",\"lines\":3}'; exec sleep 60", SG_LOST,
		       "the guest sent an alarm without lines");
}

static void a_panic_is_a_crash(void **state)
{
	(void)state;
	assert_verdict("boot; print '[  1.5] BUG: bad'; print '[  1.6] Kernel panic - bad'",
		       SG_CRASHED, "Kernel panic - bad, during: boot");
}

/* As stock 6.1 prints it; user space's own RIP is not where the kernel was. */
static void a_crash_tells_the_first_report(void **state)
{
	(void)state;
	assert_verdict("boot; say '{\"t\":\"op\",\"text\":\"join 20\"}'\n"
		"print '[ 9.1] RIP: 0010:rescan+0x1/0x2'\n"
		"print '[ 9.2] BUG: kernel NULL pointer dereference, address: 0000000000000018'\n"
		"print '[ 9.2] Oops: 0000 [#1] PREEMPT SMP NOPTI'\n"
		"print '[ 9.2] RIP: 0033:0x7f3a'\n"
		"print '[ 9.2] RIP: 0010:__device_attach+0x2b/0x1b0'\n"
		"print '[ 9.3] Kernel panic - not syncing: Fatal exception'\n"
		"print '[ 9.3] RIP: 0010:panic+0x1/0x2'",
		SG_CRASHED, "BUG: kernel NULL pointer dereference, address: 0000000000000018, "
		"in __device_attach, during: join 20");
}

static void a_reboot_is_a_crash(void **state)
{
	(void)state;
	assert_verdict("boot; qmp '{\"event\": \"SHUTDOWN\", \"data\": {\"reason\": \"guest-reset\"}}'",
		       SG_CRASHED, "the guest rebooted by itself, during: boot");
}

/* What dies before the plan begins says nothing about it. */
static void a_crash_at_boot_is_lost(void **state)
{
	(void)state;
	assert_verdict("print '[ 0.5] Kernel panic - no init'", SG_LOST,
		       "Kernel panic - no init, during: the agent's start");
}

static void a_grave_report_is_a_finding(void **state)
{
	(void)state;
	assert_verdict("boot; print '[ 9.1] BUG: KASAN: use-after-free in f+0x1/0x2'\n"
		       "say '{\"t\":\"done\"}'; off",
		       SG_WRONG, "BUG: KASAN: use-after-free in f+0x1/0x2");
}

static void nonsense_is_lost(void **state)
{
	(void)state;
	assert_verdict("boot; say 'hello'; exec sleep 60", SG_LOST,
		       "the guest sent something that is no record");
	assert_verdict("qmp 'hello'; exec sleep 60", SG_LOST,
		       "what QEMU sent cannot be understood: Protocol error");
}

static void qemus_end_is_told(void **state)
{
	(void)state;
	assert_verdict("echo 'qemu: no such device' >&2; exit 1", SG_LOST,
		       "QEMU ended with status 1: qemu: no such device");
	assert_verdict("boot; kill -KILL $$", SG_LOST,
		       "QEMU was killed by signal 9 (Killed) during: boot");
}

static void silence_is_lost(void **state)
{
	struct sg_vm_spec spec = { .timeout = 1 };
	struct sg_result result;

	(void)state;
	result = run_spec(&spec, "boot; exec sleep 60");
	assert_int_equal(result.verdict, SG_LOST);
	assert_string_equal(result.reason, "no end within 1 s, during: ");
	sg_result_deinit(&result);
}

/* The first attempt fails, as when QEMU has not freed the old device yet. */
static void plug_is_tried_again(void **state)
{
	(void)state;
	assert_verdict("boot\n"
		"qmp '{\"QMP\": {}}'; read -r line <&$Q; qmp '{\"return\": {}, \"id\": -1}'\n"
		"say '{\"t\":\"plug\",\"slot\":1}'\n"
		"read -r first <&$Q; qmp '{\"error\": {\"desc\": \"in use\"}, \"id\": 1}'\n"
		"read -r second <&$Q; qmp '{\"return\": {}, \"id\": 1}'\n"
		"case $first in *'\"id\":\"d1-1\"'*node1*) ;; *) exit 3;; esac\n"
		"case $second in *'\"id\":\"d1-2\"'*node1*) ;; *) exit 4;; esac\n"
		"say '{\"t\":\"done\"}'; off", SG_PASSED, "");
}

static void plug_of_a_strange_slot_fails(void **state)
{
	(void)state;
	assert_verdict("boot; say '{\"t\":\"plug\",\"slot\":9}'; exec sleep 60", SG_FAILED,
		       "slot 9 holds no drive that could be plugged again");
	assert_verdict("boot; say '{\"t\":\"plug\"}'; exec sleep 60", SG_FAILED,
		       "the guest asked for a drive in slot 0");
}

static void assert_kept(const char *keep, const char *name, const char *part)
{
	char *path = sg_format("%s/%s", keep, name), *text = NULL;

	assert_int_equal(sg_file_read(path, &text, NULL), 0);
	assert_non_null(strstr(text, part));
	free(path);
	free(text);
}

static void what_is_asked_for_is_kept(void **state)
{
	char *keep = path_of("a/b");
	struct sg_vm_spec spec = { .timeout = 20, .keep = keep };
	struct sg_result result;

	(void)state;
	result = run_spec(&spec, "boot; print 'hello from the kernel'\n"
			  "say '{\"t\":\"time\",\"name\":\"removal\",\"value_ms\":1500}'\n"
			  "say '{\"t\":\"done\"}'; off");
	assert_int_equal(result.verdict, SG_PASSED);
	assert_kept(keep, "console.log", "hello from the kernel");
	assert_kept(keep, "records.jsonl", "\"release\":\"6.1.0\"");
	assert_kept(keep, "plan", "sleep 1\n");
	assert_kept(keep, "result.json", "\"removal\":1500");
	sg_result_deinit(&result);
	free(keep);
}

/* The guest goes on only when its first record can be read. */
static void records_can_be_read_as_they_come(void **state)
{
	char *keep = path_of("c");
	struct sg_vm_spec spec = { .timeout = 20, .keep = keep };
	char *script = sg_format("boot; until grep -q release %s/records.jsonl; do sleep 0.05; done\n"
				 "say '{\"t\":\"done\"}'; off", keep);
	struct sg_result result = run_spec(&spec, script);

	(void)state;
	assert_int_equal(result.verdict, SG_PASSED);
	sg_result_deinit(&result);
	free(script);
	free(keep);
}

/* There is room for the result, but not for the records. */
static void records_that_cannot_be_kept_fail_the_run(void **state)
{
	char *keep = path_of("d"), *records = sg_format("%s/records.jsonl", keep);
	struct sg_vm_spec spec = { .timeout = 20, .keep = keep };
	struct sg_result result;

	(void)state;
	assert_int_equal(mkdir(keep, 0755), 0);
	assert_int_equal(symlink("/dev/full", records), 0);
	result = run_spec(&spec, "boot; say '{\"t\":\"done\"}'; off");
	assert_int_equal(result.verdict, SG_FAILED);
	assert_non_null(strstr(result.reason, "No space left on device"));
	sg_result_deinit(&result);
	free(records);
	free(keep);
}

static void killing_ends_qemu(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		struct sg_topology topology = { .nslots = 0 };
		struct sg_kernel kernel = { .image = "/boot/vmlinuz" };
		struct sg_blob base = {0};
		struct sg_vm_spec spec = { .kernel = &kernel, .topology = &topology,
					   .base = &base, .plan = "" };
		struct sg_vm *vm = NULL;
		struct sg_result result;
		struct sg_error err;

		install("exec sleep 60");
		assert_int_equal(sg_vm_start(&spec, &vm, &err), 0);
		sg_vm_step(&vm, 1, 10);
		sg_vm_kill(vm, SG_STOPPED, "interrupted");
		assert_true(sg_vm_finished(vm));
		sg_vm_take_result(vm, &result);
		assert_int_equal(result.verdict, SG_STOPPED);
		sg_result_deinit(&result);
		sg_vm_destroy(vm);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(done_and_power_off_is_passed),
		cmocka_unit_test(done_without_power_off_is_lost),
		cmocka_unit_test(power_off_without_done_is_lost),
		cmocka_unit_test(hung_ends_at_once),
		cmocka_unit_test(a_plan_that_fails_is_no_hang),
		cmocka_unit_test(what_the_kernel_did_wrong_is_a_verdict),
		cmocka_unit_test(complaints_fail_a_passing_run),
		cmocka_unit_test(a_complaint_before_the_plan_is_no_verdict),
		cmocka_unit_test(alarms_fail_a_passing_run),
		cmocka_unit_test(what_console_and_alarm_both_say_counts_once),
		cmocka_unit_test(alarms_do_not_hide_a_hang),
		cmocka_unit_test(an_alarm_without_lines_is_lost),
		cmocka_unit_test(a_panic_is_a_crash),
		cmocka_unit_test(a_crash_tells_the_first_report),
		cmocka_unit_test(a_reboot_is_a_crash),
		cmocka_unit_test(a_crash_at_boot_is_lost),
		cmocka_unit_test(a_grave_report_is_a_finding),
		cmocka_unit_test(nonsense_is_lost),
		cmocka_unit_test(qemus_end_is_told),
		cmocka_unit_test(silence_is_lost),
		cmocka_unit_test(plug_is_tried_again),
		cmocka_unit_test(plug_of_a_strange_slot_fails),
		cmocka_unit_test(what_is_asked_for_is_kept),
		cmocka_unit_test(records_can_be_read_as_they_come),
		cmocka_unit_test(records_that_cannot_be_kept_fail_the_run),
		cmocka_unit_test(killing_ends_qemu),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
