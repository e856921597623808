// SPDX-License-Identifier: GPL-2.0-only
/*
 * vm.c - the life of a machine: start QEMU, serve its channels, decide how it went
 *
 * Every channel is one end of a socket pair whose other end QEMU inherits,
 * and the initramfs is a memory file: a run leaves nothing in the file system.
 * All channels end when QEMU does.
 */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "slotgate/cleanup.h"
#include "slotgate/plan.h"
#include "slotgate/qmp.h"
#include "vm_private.h"

enum {
	CHUNK = 65536,
};

double vm_now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

void vm_decide(struct sg_vm *vm, enum sg_verdict verdict, const char *fmt, ...)
{
	va_list args;

	if (vm->decided)
		return;
	vm->decided = true;
	vm->result.verdict = verdict;
	va_start(args, fmt);
	vsnprintf(vm->result.reason, sizeof(vm->result.reason), fmt, args);
	va_end(args);
}

void vm_end_within(struct sg_vm *vm, double seconds)
{
	double end = vm_now() + seconds;

	if (end < vm->deadline)
		vm->deadline = end;
}

/* ---- start ---- */

static int write_blob(int fd, const struct sg_blob *blob)
{
	for (size_t done = 0; done < blob->size;) {
		ssize_t n = write(fd, blob->data + done, blob->size - done);

		if (n < 0)
			return -errno;
		done += n;
	}
	return 0;
}

/* Only a plan with a guest of Xen needs what that boots. */
static int write_guest(int fd, const struct sg_kernel *kernel, const struct sg_blob *base,
		       const char *plan, struct sg_error *err)
{
	sg_cleanup(sg_blob_deinit) struct sg_blob guest = {0};
	int code;

	if (!plan || !sg_plan_has(plan, "guest"))
		return 0;
	code = sg_xen_guest(kernel, base, &guest, err);
	if (code)
		return code;
	code = write_blob(fd, &guest);
	return code ? sg_error_set(err, code, "initramfs: %s", strerror(-code)) : 0;
}

int sg_vm_initrd(const struct sg_kernel *kernel, const struct sg_blob *base,
		 const struct sg_blob *programs, const char *plan, const char *ko,
		 struct sg_error *err)
{
	sg_cleanup(sg_blob_deinit) struct sg_blob run = {0};
	sg_autoclose int fd = -1;
	int code = sg_initramfs_run(plan, ko, kernel->extra, &run, err);

	if (code)
		return code;
	fd = memfd_create("initramfs", 0);
	if (fd < 0)
		return sg_error_set(err, -errno, "initramfs: %m");
	code = write_blob(fd, base);
	if (!code && programs)
		code = write_blob(fd, programs);
	if (!code)
		code = write_blob(fd, &run);
	if (code)
		return sg_error_set(err, code, "initramfs: %s", strerror(-code));
	code = write_guest(fd, kernel, base, plan, err);
	return code ? code : sg_steal_fd(&fd);
}

/* Ours is closed when something else is executed, theirs is for QEMU. */
static int open_channels(struct sg_vm *vm, int *theirs)
{
	for (int i = 0; i < NCHANNELS; i++) {
		int pair[2];

		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
			return -errno;
		vm->fds[i] = pair[0];
		theirs[i] = dup(pair[1]);
		close(pair[1]);
		if (theirs[i] < 0)
			return -errno;
	}
	return 0;
}

static void close_all(int *fds)
{
	for (int i = 0; i < NCHANNELS; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
		fds[i] = -1;
	}
}

static int start_qemu(struct sg_vm *vm, int initrd, const int *theirs, struct sg_error *err)
{
	sg_cleanup(sg_strv_deinit) struct sg_strv argv = {0};
	struct sg_machine machine = {
		.kernel = vm->spec->kernel, .topology = vm->spec->topology, .xen = vm->spec->xen,
		.kvm = vm->spec->kvm, .counted = vm->spec->counted,
		.vmlinux_fd = vm->spec->vmlinux_fd,
		.initrd_fd = initrd, .console_fd = theirs[CONSOLE],
		.record_fd = theirs[RECORDS], .qmp_fd = theirs[CONTROL],
	};
	int code = sg_qemu_args(&machine, &argv, err);

	if (code)
		return code;
	vm->pid = sg_child_start(argv.items, -1, vm->error_fd);
	if (vm->pid > 0)
		return 0;
	code = vm->pid;
	vm->pid = 0;
	return sg_error_set(err, code, "cannot start QEMU: %s", strerror(-code));
}

static int open_and_start(struct sg_vm *vm, struct sg_error *err)
{
	int theirs[NCHANNELS] = { -1, -1, -1 };
	sg_autoclose int initrd = -1;
	int code = keep_open(&vm->keep, vm->spec->keep, vm->spec->plan, err);

	if (code)
		return code;
	initrd = sg_vm_initrd(vm->spec->kernel, vm->spec->base, vm->spec->programs,
			      vm->spec->plan, vm->spec->ko, err);
	if (initrd < 0)
		return initrd;
	vm->error_fd = memfd_create("stderr", MFD_CLOEXEC);
	code = vm->error_fd < 0 ? -errno : open_channels(vm, theirs);
	if (!code)
		code = sg_qmp_create(vm->fds[CONTROL], vm_take_event, vm_take_reply, vm, &vm->qmp);
	if (code)
		sg_error_set(err, code, "cannot open QEMU's channels: %s", strerror(-code));
	else
		code = start_qemu(vm, initrd, theirs, err);
	close_all(theirs);
	return code;
}

int sg_vm_start(const struct sg_vm_spec *spec, struct sg_vm **ret, struct sg_error *err)
{
	struct sg_vm *vm = calloc(1, sizeof(*vm));
	int code;

	if (!vm)
		return sg_error_set(err, -ENOMEM, "out of memory");
	vm->spec = spec;
	vm->error_fd = -1;
	for (int i = 0; i < NCHANNELS; i++)
		vm->fds[i] = -1;
	vm->result.times = json_object_new_object();
	vm->start = vm_now();
	vm->deadline = vm->start + (spec->timeout ? spec->timeout : SG_VM_SECONDS);
	code = open_and_start(vm, err);
	if (code)
		sg_vm_destroy(vm);
	else
		*ret = vm;
	return code;
}

/* ---- run ---- */

static void take_bytes(struct sg_vm *vm, enum channel_id id, const char *bytes, size_t size)
{
	int err = 0;

	switch (id) {
	case CONSOLE:
		keep_add(&vm->keep, vm->keep.console, bytes, size);
		err = sg_lines_feed(&vm->lines[id], bytes, size, vm_take_console_line, vm);
		break;
	case RECORDS:
		keep_add(&vm->keep, vm->keep.records, bytes, size);
		err = sg_lines_feed(&vm->lines[id], bytes, size, vm_take_record_line, vm);
		break;
	case CONTROL:
		err = sg_qmp_receive(vm->qmp, bytes, size);
		break;
	case NCHANNELS:
		break;
	}
	if (err)
		vm_decide(vm, SG_LOST, "what QEMU sent cannot be understood: %s", strerror(-err));
}

static void serve_channel(struct sg_vm *vm, enum channel_id id)
{
	char bytes[CHUNK];

	while (vm->fds[id] >= 0) {
		ssize_t n = recv(vm->fds[id], bytes, sizeof(bytes), MSG_DONTWAIT);

		if (n > 0) {
			take_bytes(vm, id, bytes, n);
			continue;
		}
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		close(vm->fds[id]);
		vm->fds[id] = -1;
	}
}

static void serve_channels(struct sg_vm *vm)
{
	for (int i = 0; i < NCHANNELS; i++)
		serve_channel(vm, i);
}

/* QEMU's own last words, for a reason. */
static void read_error(struct sg_vm *vm, char *buf, size_t size)
{
	char text[512], *line;
	off_t end = lseek(vm->error_fd, 0, SEEK_END);
	off_t from = end > (off_t)sizeof(text) - 1 ? end - (off_t)sizeof(text) + 1 : 0;
	ssize_t n = pread(vm->error_fd, text, sizeof(text) - 1, from);

	while (n > 0 && text[n - 1] == '\n')
		n--;
	text[n > 0 ? n : 0] = '\0';
	line = strrchr(text, '\n');
	line = line ? line + 1 : text;
	snprintf(buf, size, "%s%.180s", *line ? ": " : "", line);
}

static const char *what_it_did(const struct sg_vm *vm)
{
	if (vm->doing[0])
		return vm->doing;
	return vm->result.release[0] ? "boot" : "the agent's start";
}

void vm_decide_crash(struct sg_vm *vm)
{
	enum sg_verdict verdict = vm->result.release[0] ? SG_CRASHED : SG_LOST;

	vm_decide(vm, verdict, "%s%s%s, during: %.80s",
		  vm->report[0] ? vm->report : "the guest rebooted by itself",
		  vm->where[0] ? ", in " : "", vm->where, what_it_did(vm));
}

static void decide_at_exit(struct sg_vm *vm, int status)
{
	const char *where = what_it_did(vm), *own = vm_own_complaint(vm);
	char words[192];

	if (vm->panicked || vm->rebooted)
		vm_decide_crash(vm);
	else if (vm->done && vm->powered_off && vm->report[0])
		vm_decide(vm, SG_WRONG, "%s", vm->report);
	else if (vm->done && vm->powered_off && own)
		vm_decide(vm, SG_FAILED, "the kernel complained: %s", own);
	else if (vm->done && vm->powered_off && vm->result.complaints.count)
		vm_decide(vm, SG_LOST, "the kernel complained before the plan began: %s",
			  vm->result.complaints.items[0]);
	else if (vm->done && vm->powered_off)
		vm_decide(vm, SG_PASSED, "%s", "");
	read_error(vm, words, sizeof(words));
	if (WIFSIGNALED(status))
		vm_decide(vm, SG_LOST, "QEMU was killed by signal %d (%s) during: %s",
			  WTERMSIG(status), strsignal(WTERMSIG(status)), where);
	else if (WEXITSTATUS(status) == 127)
		vm_decide(vm, SG_LOST, "qemu-system-x86_64 is not installed");
	else if (WEXITSTATUS(status))
		vm_decide(vm, SG_LOST, "QEMU ended with status %d%s", WEXITSTATUS(status), words);
	vm_decide(vm, SG_LOST, "the guest ended by itself during: %s", where);
}

static void finish(struct sg_vm *vm)
{
	struct sg_error err;

	vm->pid = 0;
	vm->result.seconds = vm_now() - vm->start;
	close_all(vm->fds);
	if (keep_result(&vm->keep, &vm->result, &err)) {
		vm->result.verdict = SG_FAILED;
		snprintf(vm->result.reason, sizeof(vm->result.reason), "%.255s", err.text);
	}
}

static void reap(struct sg_vm *vm, int flags)
{
	int status;

	if (!vm->pid || waitpid(vm->pid, &status, flags) != vm->pid)
		return;
	serve_channels(vm);
	decide_at_exit(vm, status);
	finish(vm);
}

static void check_deadline(struct sg_vm *vm)
{
	if (vm_now() < vm->deadline)
		return;
	if (vm->panicked)
		vm_decide_crash(vm);
	else if (vm->done)
		vm_decide(vm, SG_LOST, "the guest did not power off");
	else if (!vm->result.release[0])
		vm_decide(vm, SG_LOST, "the agent did not report within %.0f s",
			  vm_now() - vm->start);
	else
		vm_decide(vm, SG_LOST, "no end within %.0f s, during: %s", vm_now() - vm->start,
			  vm->doing);
}

static void step(struct sg_vm *vm)
{
	if (!vm->pid)
		return;
	serve_channels(vm);
	vm_retry_plugs(vm);
	reap(vm, WNOHANG);
	if (!vm->pid)
		return;
	check_deadline(vm);
	if (!vm->decided)
		return;
	kill(vm->pid, SIGKILL);
	reap(vm, 0);
}

int sg_vm_step(struct sg_vm *const *vms, size_t count, int wait_ms)
{
	sg_autofree struct pollfd *fds = calloc(count * NCHANNELS + 1, sizeof(*fds));
	size_t n = 0;

	if (!fds)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		for (int channel = 0; vms[i] && channel < NCHANNELS; channel++)
			fds[n++] = (struct pollfd){ .fd = vms[i]->fds[channel],
						    .events = POLLIN };
	poll(fds, n, wait_ms);
	for (size_t i = 0; i < count; i++)
		if (vms[i])
			step(vms[i]);
	return 0;
}

bool sg_vm_finished(const struct sg_vm *vm)
{
	return !vm->pid;
}

void sg_vm_kill(struct sg_vm *vm, enum sg_verdict verdict, const char *reason)
{
	if (!vm->pid)
		return;
	vm_decide(vm, verdict, "%s", reason);
	kill(vm->pid, SIGKILL);
	reap(vm, 0);
}

void sg_vm_take_result(struct sg_vm *vm, struct sg_result *ret)
{
	*ret = vm->result;
	vm->result = (struct sg_result){0};
}

void sg_vm_destroy(struct sg_vm *vm)
{
	if (!vm)
		return;
	sg_vm_kill(vm, SG_STOPPED, "no longer wanted");
	close_all(vm->fds);
	if (vm->error_fd >= 0)
		close(vm->error_fd);
	for (int i = 0; i < NCHANNELS; i++)
		sg_lines_deinit(&vm->lines[i]);
	sg_qmp_destroy(vm->qmp);
	keep_deinit(&vm->keep);
	if (vm->trace)
		fclose(vm->trace);
	sg_result_deinit(&vm->result);
	free(vm);
}
