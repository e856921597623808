// SPDX-License-Identifier: GPL-2.0-only
/*
 * record_hooks.c - which functions of this kernel are looked at, and how
 *
 * A program's name says what it is: KIND__FUNCTION.  Trampolines (fentry, fexit)
 * are taken where the kernel lets us, kprobes where it does not, and for functions
 * of modules, which may come and go.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record.skel.h"
#include "record_internal.h"
#include "slotgate/cleanup.h"
#include "slotgate/strv.h"

enum { PROGRAMS_MAX = 512, TEXT_MAX = 256 };

/* Functions of modules, by the beginnings of their names. */
static const struct {
	const char *function, *module;
} modules[] = {
	{ "vfio_pci_open_device", "vfio_pci" },
	{ "vfio_", "vfio" },
	{ "sg_", "slotgate" },
};

/* Without one of each line there is nothing to record. */
static const char *const required[][2] = {
	{ "mutex_lock", "mutex_lock_nested" },
	{ "mutex_unlock", NULL },
	{ "down_read", "down_read_nested" },
	{ "down_write", "down_write_nested" },
	{ "up_read", NULL },
	{ "up_write", NULL },
	{ "kernfs_fop_write_iter", NULL },
	{ "kernfs_drain", NULL },
	{ "irq_thread_fn", NULL },
};

/* Left out where locks tell whom they belong to (bpf/owned.h). */
static const char *const releases[] = { "mutex_unlock", "up_write" };

struct hook {
	struct bpf_program *program;
	const char *function;
	const char *module;		/* NULL: of the kernel itself */
	bool trampoline, at_return;
	struct bpf_link *link;
};

struct sg_hooks {
	const struct sg_record_options *options;
	struct record_bpf *bpf;
	struct btf *btf;		/* of the kernel; NULL if it has none */
	struct sg_strv probed;		/* functions that are left to kprobes */
	bool by_owner;			/* releases are seen by a lock's owner */
	struct hook list[PROGRAMS_MAX];
	size_t count;
	uint32_t modules_seen;
};

static const struct {
	const char *kind;
	bool trampoline, at_return;
} program_kinds[] = {
	{ "fentry__", true, false },	{ "fexit__", true, true },
	{ "kprobe__", false, false },	{ "kpentry__", false, false },
	{ "kretprobe__", false, true },
};

static int be_silent(enum libbpf_print_level level, const char *format, va_list args)
{
	if (level == LIBBPF_WARN && getenv("SLOTGATE_DEBUG"))
		return vfprintf(stderr, format, args);
	return 0;
}

static void tell(const struct sg_hooks *hooks, const char *format, ...)
{
	char text[TEXT_MAX];
	va_list args;

	if (!hooks->options->tell)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	hooks->options->tell(hooks->options->data, text);
}

static const char *module_of(const char *function)
{
	for (size_t i = 0; i < sizeof(modules) / sizeof(*modules); i++)
		if (!strncmp(function, modules[i].function, strlen(modules[i].function)))
			return modules[i].module;
	return NULL;
}

static bool module_is_there(const char *module)
{
	sg_autofree char *path = sg_format("/sys/module/%s", module);

	return path && !access(path, F_OK);
}

/* In bytes; negative if @type has no such member. */
static int member_offset(const struct btf *btf, const char *type_name, const char *member)
{
	int id = btf__find_by_name_kind(btf, type_name, BTF_KIND_STRUCT);
	const struct btf_type *type = id > 0 ? btf__type_by_id(btf, id) : NULL;

	for (int m = 0; type && m < btf_vlen(type); m++)
		if (!strcmp(btf__name_by_offset(btf, btf_members(type)[m].name_off), member))
			return btf_member_bit_offset(type, m) / 8;
	return -ENOENT;
}

/* --- choosing --- */

static bool is_known(const struct sg_hooks *hooks, const char *function)
{
	return hooks->btf && btf__find_by_name_kind(hooks->btf, function, BTF_KIND_FUNC) > 0;
}

static bool is_left_out(const struct sg_hooks *hooks, const char *function)
{
	for (size_t i = 0; hooks->by_owner && i < sizeof(releases) / sizeof(*releases); i++)
		if (!strcmp(function, releases[i]))
			return true;
	return false;
}

static bool has_trampoline_form(const struct sg_hooks *hooks, const char *function)
{
	char entry[TEXT_MAX], end[TEXT_MAX];

	snprintf(entry, sizeof(entry), "fentry__%s", function);
	snprintf(end, sizeof(end), "fexit__%s", function);
	return bpf_object__find_program_by_name(hooks->bpf->obj, entry) ||
	       bpf_object__find_program_by_name(hooks->bpf->obj, end);
}

static bool by_trampoline(const struct sg_hooks *hooks, const char *function)
{
	return !hooks->options->kprobes && !module_of(function) && is_known(hooks, function) &&
	       has_trampoline_form(hooks, function) && !sg_strv_has(&hooks->probed, function);
}

static void choose(struct sg_hooks *hooks, struct bpf_program *program)
{
	const char *name = bpf_program__name(program);
	struct hook hook = { .program = program };
	size_t i = 0;
	bool wanted;

	while (i < sizeof(program_kinds) / sizeof(*program_kinds) &&
	       strncmp(name, program_kinds[i].kind, strlen(program_kinds[i].kind)))
		i++;
	if (i == sizeof(program_kinds) / sizeof(*program_kinds) || hooks->count == PROGRAMS_MAX)
		return;
	hook.function = name + strlen(program_kinds[i].kind);
	hook.module = module_of(hook.function);
	hook.trampoline = program_kinds[i].trampoline;
	hook.at_return = program_kinds[i].at_return;
	wanted = hook.trampoline == by_trampoline(hooks, hook.function) &&
		 (hook.module || is_known(hooks, hook.function)) &&
		 !is_left_out(hooks, hook.function);
	bpf_program__set_autoload(program, wanted);
	if (!wanted)
		return;
	if (hook.trampoline)
		bpf_program__set_attach_target(program, 0, hook.function);
	hooks->list[hooks->count++] = hook;
}

static bool has_hook(const struct sg_hooks *hooks, const char *function)
{
	for (size_t i = 0; i < hooks->count; i++)
		if (hooks->list[i].link && !strcmp(hooks->list[i].function, function))
			return true;
	return false;
}

/* --- loading --- */

static void unload(struct sg_hooks *hooks)
{
	sg_hooks_detach(hooks);
	record_bpf__destroy(hooks->bpf);
	hooks->bpf = NULL;
	hooks->count = 0;
}

static int load(struct sg_hooks *hooks, struct sg_error *err)
{
	struct bpf_program *program;
	int code;

	hooks->bpf = record_bpf__open();
	if (!hooks->bpf)
		return sg_error_set(err, -errno, "cannot open the kernel's part: %m");
	hooks->bpf->rodata->all_tasks = hooks->options->all;
	hooks->bpf->rodata->by_owner = hooks->by_owner;
	hooks->bpf->rodata->self = getpid();
	bpf_object__for_each_program(program, hooks->bpf->obj)
		choose(hooks, program);
	code = record_bpf__load(hooks->bpf);
	if (code == -EPERM)
		return sg_error_set(err, code, "the kernel does not let us: recording needs root");
	if (code)
		return sg_error_set(err, code, "the kernel does not take the recorder: %s",
				    strerror(-code));
	return 0;
}

static int attach(struct hook *hook)
{
	long code;

	hook->link = hook->trampoline ? bpf_program__attach_trace(hook->program) :
		bpf_program__attach_kprobe(hook->program, hook->at_return, hook->function);
	code = libbpf_get_error(hook->link);
	if (code)
		hook->link = NULL;
	return code;
}

/* 1: that function is left to kprobes from now on, begin again. */
static int attach_all(struct sg_hooks *hooks)
{
	for (size_t i = 0; i < hooks->count; i++) {
		struct hook *hook = &hooks->list[i];
		int code = hook->module ? 0 : attach(hook);

		if (!code)
			continue;
		if (!hook->trampoline) {
			tell(hooks, "%s cannot be looked at (%s): what it does is not recorded",
			     hook->function, strerror(-code));
			continue;
		}
		tell(hooks, "%s takes no trampoline (%s): kprobes do its work", hook->function,
		     strerror(-code));
		return sg_strv_add(&hooks->probed, "%s", hook->function) ?: 1;
	}
	return 0;
}

/* @is_there: a function can be looked at, or is. */
static int check_required(const struct sg_hooks *hooks,
			  bool (*is_there)(const struct sg_hooks *hooks, const char *function),
			  struct sg_error *err)
{
	for (size_t i = 0; i < sizeof(required) / sizeof(*required); i++) {
		const char *one = required[i][0], *other = required[i][1];

		if (is_left_out(hooks, one) || is_there(hooks, one) ||
		    (other && is_there(hooks, other)))
			continue;
		return sg_error_set(err, -ENOTSUP, "this kernel does not let us look at %s%s%s",
				    one, other ? " or " : "", other ? other : "");
	}
	return 0;
}

/* Locks tell whom they belong to, and a program can go through those of a task. */
static bool sees_owners(const struct sg_hooks *hooks)
{
	return member_offset(hooks->btf, "mutex", "owner") >= 0 &&
	       member_offset(hooks->btf, "rw_semaphore", "owner") >= 0 &&
	       libbpf_probe_bpf_helper(BPF_PROG_TYPE_KPROBE, BPF_FUNC_loop, NULL) == 1;
}

/* Where vfio keeps what its hooks want, from the types of the module itself. */
static void learn_vfio(struct sg_hooks *hooks)
{
	struct btf *btf = btf__load_module_btf("vfio", hooks->btf);
	static const struct {
		const char *type, *member;
	} places[] = { { "vfio_device", "dev" }, { "vfio_device_file", "device" } };
	uint32_t *const offsets[] = { &hooks->bpf->bss->vfio_device_dev,
				      &hooks->bpf->bss->vfio_file_device };

	if (libbpf_get_error(btf))
		return;
	for (size_t i = 0; i < 2; i++) {
		int offset = member_offset(btf, places[i].type, places[i].member);

		if (offset < 0)
			continue;
		*offsets[i] = offset;
		hooks->bpf->bss->vfio_by_file = i == 1;
	}
	btf__free(btf);
}

static void refresh_one(struct sg_hooks *hooks, struct hook *hook)
{
	bool there = module_is_there(hook->module);
	int code;

	if (!there && hook->link) {
		bpf_link__destroy(hook->link);
		hook->link = NULL;
	}
	if (!there || hook->link)
		return;
	if (!strcmp(hook->module, "vfio"))
		learn_vfio(hooks);
	code = attach(hook);
	if (code && code != -ENOENT)
		tell(hooks, "%s cannot be looked at: %s", hook->function, strerror(-code));
}

bool sg_hooks_refresh(struct sg_hooks *hooks)
{
	uint32_t changed = *(volatile uint32_t *)&hooks->bpf->bss->modules_changed;

	if (changed == hooks->modules_seen)
		return false;
	hooks->modules_seen = changed;
	for (size_t i = 0; i < hooks->count; i++)
		if (hooks->list[i].module)
			refresh_one(hooks, &hooks->list[i]);
	return true;
}

static void destroy_hooks(struct sg_hooks **hooks)
{
	sg_hooks_destroy(*hooks);
}

int sg_hooks_load(const struct sg_record_options *options, struct sg_hooks **ret,
		  struct sg_error *err)
{
	sg_cleanup(destroy_hooks) struct sg_hooks *hooks = calloc(1, sizeof(*hooks));
	int code, again;

	if (!hooks)
		return sg_error_set(err, -ENOMEM, "no memory to record");
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	libbpf_set_print(be_silent);
	hooks->btf = btf__load_vmlinux_btf();
	if (libbpf_get_error(hooks->btf)) {
		hooks->btf = NULL;
		return sg_error_set(err, -ENOTSUP, "this kernel has no BTF (/sys/kernel/btf/vmlinux)");
	}
	hooks->options = options;
	hooks->by_owner = !options->all && sees_owners(hooks);
	code = check_required(hooks, is_known, err);
	if (code)
		return code;
	do {
		unload(hooks);
		code = load(hooks, err);
		if (code)
			return code;
		again = attach_all(hooks);
		if (again < 0)
			return sg_error_set(err, again, "no memory to record");
	} while (again);
	code = check_required(hooks, has_hook, err);
	if (code)
		return code;
	hooks->modules_seen = UINT32_MAX;
	sg_hooks_refresh(hooks);
	*ret = sg_steal(hooks);
	return 0;
}

void sg_hooks_count(const struct sg_hooks *hooks, size_t *hooked, size_t *probed)
{
	*hooked = 0;
	*probed = 0;
	for (size_t i = 0; i < hooks->count; i++) {
		*hooked += hooks->list[i].link != NULL;
		*probed += hooks->list[i].link && !hooks->list[i].trampoline;
	}
}

uint64_t sg_hooks_lost(const struct sg_hooks *hooks)
{
	return *(volatile unsigned long long *)&hooks->bpf->bss->lost;
}

int sg_hooks_events(const struct sg_hooks *hooks)
{
	return bpf_map__fd(hooks->bpf->maps.events);
}

void sg_hooks_tell_anew(struct sg_hooks *hooks)
{
	hooks->bpf->bss->stacks_told_anew++;
}

void sg_hooks_detach(struct sg_hooks *hooks)
{
	for (size_t i = 0; i < hooks->count; i++) {
		bpf_link__destroy(hooks->list[i].link);
		hooks->list[i].link = NULL;
	}
}

void sg_hooks_destroy(struct sg_hooks *hooks)
{
	if (!hooks)
		return;
	unload(hooks);
	btf__free(hooks->btf);
	sg_strv_deinit(&hooks->probed);
	free(hooks);
}
