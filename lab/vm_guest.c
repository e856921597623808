// SPDX-License-Identifier: GPL-2.0-only
/*
 * vm_guest.c - what a machine says: lines of its console, records of its agent,
 * events and replies of QEMU
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "slotgate/cleanup.h"
#include "slotgate/qmp.h"
#include "vm_private.h"

#define PANIC "Kernel panic"

enum {
	POWER_OFF_SECONDS = 90,	/* from "done" to QEMU's end: nvme gives a drive that is gone a minute */
	PANIC_SECONDS = 3,	/* for the rest of the panic's output */
	PLUG_SECONDS = 15,	/* QEMU may take that long to free the old device */
	TRY_SECONDS = 4,	/* the same, if it may be in vain */
	PLUG_RETRY_MS = 50,
};

/*
 * Lines that no run may show.  A grave one says that the kernel's memory is not
 * what it should be: a finding, whatever else the run came to.
 */
static const struct {
	const char *text;
	bool grave;
} complaints[] = {
	{ PANIC, true },
	{ "KASAN:", true },
	{ "BUG: kernel NULL pointer dereference", true },
	{ "BUG: unable to handle", true },
	{ "kernel BUG at", true },
	{ "general protection fault", true },
	{ "Oops:", true },
	{ "list_add corruption", true },
	{ "list_del corruption", true },
	{ "refcount_t:", true },
	{ "BUG:", false },
	{ "WARNING:", false },
	{ "INFO: task ", false },
	{ "DMAR: DRHD: handling fault", false },
};

/* In front of the function in which a report was made; user space has another selector. */
static const char in_kernel[] = "RIP: 0010:";

/* ---- complaints ---- */

static const char *without_time(const char *line)
{
	const char *end = *line == '[' ? strstr(line, "] ") : NULL;

	return end ? end + 2 : line;
}

/* "<4>[    1.5] text", as the kernel log is read */
static const char *without_level(const char *line)
{
	size_t digits = *line == '<' ? strspn(line + 1, "0123456789") : 0;

	return digits && line[digits + 1] == '>' ? line + digits + 2 : line;
}

/* What cannot be dated is the run's own. */
static double time_of(const char *line)
{
	double seconds;

	return sscanf(line, "[%lf]", &seconds) == 1 ? seconds : HUGE_VAL;
}

/* Index in the table, or -1. */
static int find_complaint(const char *line)
{
	for (size_t i = 0; i < sizeof(complaints) / sizeof(*complaints); i++)
		if (strstr(line, complaints[i].text))
			return i;
	return -1;
}

/* Console and agent both report most of them, in either order. */
static void add_complaint(struct sg_vm *vm, const char *line, int index)
{
	struct sg_strv *list = &vm->result.complaints;
	const char *text = without_time(line);

	if (list->count < COMPLAINTS_MAX && !sg_strv_has(list, text)) {
		vm->complained[list->count] = time_of(line);
		sg_strv_add(list, "%s", text);
	}
	if (index >= 0 && complaints[index].grave && !vm->report[0])
		snprintf(vm->report, sizeof(vm->report), "%s", text);
}

/* What comes before can have nothing to do with what is tried out. */
const char *vm_own_complaint(const struct sg_vm *vm)
{
	for (size_t i = 0; i < vm->result.complaints.count; i++)
		if (vm->complained[i] >= vm->began)
			return vm->result.complaints.items[i];
	return NULL;
}

/* ---- console ---- */

void vm_take_console_line(void *data, char *line)
{
	struct sg_vm *vm = data;
	const char *rip = strstr(line, in_kernel);
	int index = find_complaint(line);

	if (rip && vm->report[0] && !vm->where[0]) {
		rip += strlen(in_kernel);
		snprintf(vm->where, sizeof(vm->where), "%.*s", (int)strcspn(rip, "+ "), rip);
	}
	if (index < 0)
		return;
	add_complaint(vm, line, index);
	if (!vm->panicked && strstr(line, PANIC)) {
		vm->panicked = true;
		vm_end_within(vm, PANIC_SECONDS);
	}
}

/* ---- records ---- */

static const char *get_text(struct json_object *record, const char *name)
{
	struct json_object *member = NULL;

	json_object_object_get_ex(record, name, &member);
	return member ? json_object_get_string(member) : "";
}

static int get_int(struct json_object *record, const char *name)
{
	struct json_object *member = NULL;

	json_object_object_get_ex(record, name, &member);
	return json_object_get_int(member);
}

static bool get_bool(struct json_object *record, const char *name)
{
	struct json_object *member = NULL;

	json_object_object_get_ex(record, name, &member);
	return json_object_get_boolean(member);
}

static void take_boot(struct sg_vm *vm, struct json_object *record)
{
	snprintf(vm->result.release, sizeof(vm->result.release), "%s",
		 get_text(record, "release"));
}

static void take_op(struct sg_vm *vm, struct json_object *record)
{
	snprintf(vm->doing, sizeof(vm->doing), "%s", get_text(record, "text"));
	if (!vm->began)
		vm->began = get_int(record, "ms") / 1000.0;
}

static void take_time(struct sg_vm *vm, struct json_object *record)
{
	json_object_object_add(vm->result.times, get_text(record, "name"),
			       json_object_new_int(get_int(record, "value_ms")));
}

static void replace(struct json_object **place, struct json_object *record)
{
	json_object_put(*place);
	*place = json_object_get(record);
}

static void take_counters(struct sg_vm *vm, struct json_object *record)
{
	replace(&vm->result.counters, record);
}

static void take_evidence(struct sg_vm *vm, struct json_object *record)
{
	replace(&vm->result.evidence, record);
}

static void add_alarm(struct sg_vm *vm, const char *line)
{
	add_complaint(vm, line, find_complaint(line));
}

/* What the console leaves out, because of its level or because it is behind, is in the log. */
static void take_alarm(struct sg_vm *vm, struct json_object *record)
{
	struct json_object *lines = NULL;

	json_object_object_get_ex(record, "lines", &lines);
	if (!json_object_is_type(lines, json_type_array)) {
		vm_decide(vm, SG_LOST, "the guest sent an alarm without lines");
		return;
	}
	for (size_t i = 0; i < json_object_array_length(lines); i++) {
		const char *line = json_object_get_string(json_object_array_get_idx(lines, i));

		if (line)
			add_alarm(vm, without_level(line));
	}
}

static void take_hung(struct sg_vm *vm, struct json_object *record)
{
	vm_decide(vm, SG_HUNG, "%s: %s", get_text(record, "op"), get_text(record, "why"));
}

static void take_wrong(struct sg_vm *vm, struct json_object *record)
{
	vm_decide(vm, SG_WRONG, "%s: %s", get_text(record, "op"), get_text(record, "why"));
}

static void take_error(struct sg_vm *vm, struct json_object *record)
{
	vm_decide(vm, SG_FAILED, "the plan could not be carried out: %s: %s",
		  get_text(record, "op"), get_text(record, "why"));
}

static void take_done(struct sg_vm *vm, struct json_object *record)
{
	(void)record;
	vm->done = true;
	vm_end_within(vm, POWER_OFF_SECONDS);
}

static void send_plug(struct sg_vm *vm, struct plug *plug)
{
	struct json_object *args = sg_qemu_plug(vm->spec->topology, plug->slot,
						++plug->generation);

	plug->retry_at = 0;
	if (!args)
		vm_decide(vm, SG_FAILED, "slot %u holds no drive that could be plugged again",
			  plug->slot);
	else if (sg_qmp_send(vm->qmp, "device_add", args, plug->slot))
		vm_decide(vm, SG_LOST, "QEMU no longer takes commands");
}

static struct plug *find_plug(struct sg_vm *vm, unsigned int slot)
{
	for (size_t i = 0; i < SG_SLOTS_MAX; i++)
		if (vm->plugs[i].slot == slot || !vm->plugs[i].slot)
			return &vm->plugs[i];
	return NULL;
}

static void take_plug(struct sg_vm *vm, struct json_object *record)
{
	unsigned int slot = get_int(record, "slot");
	struct plug *plug = slot ? find_plug(vm, slot) : NULL;

	if (!plug) {
		vm_decide(vm, SG_FAILED, "the guest asked for a drive in slot %u", slot);
		return;
	}
	plug->slot = slot;
	plug->since = vm_now();
	plug->active = true;
	plug->try = get_bool(record, "try");
	send_plug(vm, plug);
}

static void take_file(struct sg_vm *vm, struct json_object *record)
{
	keep_file(&vm->keep, get_text(record, "name"), get_text(record, "text"));
}

/* The drive that the machine began with is generation 0. */
static void take_unplug(struct sg_vm *vm, struct json_object *record)
{
	unsigned int slot = get_int(record, "slot");
	struct plug *plug = slot ? find_plug(vm, slot) : NULL;
	struct json_object *args = json_object_new_object();
	char id[32];

	if (plug && plug->there)
		snprintf(id, sizeof(id), "d%u-%u", slot, plug->there);
	else
		snprintf(id, sizeof(id), "d%u", slot);
	json_object_object_add(args, "id", json_object_new_string(id));
	if (sg_qmp_send(vm->qmp, "device_del", args, COOKIE_NONE))
		vm_decide(vm, SG_LOST, "QEMU no longer takes commands");
}

static void take_pull(struct sg_vm *vm, struct json_object *record)
{
	vm_pull(vm, get_text(record, "port"), get_int(record, "register"));
}

/* --- a trace, in pieces --- */

static int digit(char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

static void decode(FILE *out, const char *text)
{
	unsigned int bits = 0, count = 0;

	for (; digit(*text) >= 0; text++) {
		bits = bits << 6 | digit(*text);
		count += 6;
		if (count < 8)
			continue;
		count -= 8;
		fputc(bits >> count & 0xff, out);
	}
}

/* A run that keeps nothing has no use for it. */
static void take_trace(struct sg_vm *vm, struct json_object *record)
{
	sg_autofree char *path = NULL;

	if (!vm->spec->keep)
		return;
	if (!vm->trace) {
		path = sg_format("%s/trace", vm->spec->keep);
		vm->trace = path ? fopen(path, "we") : NULL;
	}
	if (!vm->trace) {
		vm_decide(vm, SG_LOST, "cannot write %s/trace: %m", vm->spec->keep);
		return;
	}
	decode(vm->trace, get_text(record, "data"));
	if (!get_int(record, "last"))
		return;
	if (fclose(sg_steal(vm->trace)))
		vm_decide(vm, SG_LOST, "cannot write %s/trace: %m", vm->spec->keep);
}

static const struct {
	const char *type;
	void (*take)(struct sg_vm *vm, struct json_object *record);
} record_types[] = {
	{ "boot", take_boot },	       { "op", take_op },
	{ "time", take_time },	       { "counters", take_counters },
	{ "evidence", take_evidence }, { "hung", take_hung },
	{ "error", take_error },       { "done", take_done },
	{ "plug", take_plug },	       { "unplug", take_unplug },
	{ "pull", take_pull },
	{ "alarm", take_alarm },       { "wrong", take_wrong },
	{ "file", take_file },	       { "trace", take_trace },
};

static void take_record(struct sg_vm *vm, struct json_object *record)
{
	const char *type = get_text(record, "t");
	int ms = get_int(record, "ms");

	if (ms > 0)
		vm->result.guest_seconds = ms / 1000.0;
	for (size_t i = 0; i < sizeof(record_types) / sizeof(*record_types); i++)
		if (!strcmp(record_types[i].type, type))
			record_types[i].take(vm, record);
	if (vm->spec->on_record)
		vm->spec->on_record(vm->spec->data, type, record);
}

void vm_take_record_line(void *data, char *line)
{
	struct sg_vm *vm = data;
	struct json_object *record;

	if (!*line || vm->decided)
		return;
	record = json_tokener_parse(line);
	if (json_object_is_type(record, json_type_object))
		take_record(vm, record);
	else
		vm_decide(vm, SG_LOST, "the guest sent something that is no record");
	json_object_put(record);
}

/* ---- control ---- */

void vm_take_event(void *context, const char *event, struct json_object *data)
{
	struct sg_vm *vm = context;

	if (strcmp(event, "SHUTDOWN"))
		return;
	vm->powered_off = !strcmp(get_text(data, "reason"), "guest-shutdown");
	vm->rebooted = !strcmp(get_text(data, "reason"), "guest-reset");
}

/* QEMU frees an ejected device and its block node late: ask again until then. */
static void take_plug_reply(struct sg_vm *vm, int slot, const char *error)
{
	struct plug *plug = find_plug(vm, slot);

	if (!plug || !plug->active)
		return;
	plug->active = error;
	if (!error) {
		plug->there = plug->generation;
		return;
	}
	if (plug->try && vm_now() - plug->since > TRY_SECONDS) {
		plug->active = false;
		return;
	}
	if (vm_now() - plug->since > PLUG_SECONDS)
		vm_decide(vm, SG_FAILED, "QEMU does not plug the drive of slot %d: %s",
			  slot, error);
	plug->retry_at = vm_now() + PLUG_RETRY_MS / 1000.0;
}

void vm_take_reply(void *context, int cookie, const char *error, const char *answer)
{
	if (cookie > COOKIE_NONE)
		take_plug_reply(context, cookie, error);
	else if (cookie < COOKIE_NONE)
		vm_pull_reply(context, cookie, error, answer);
}

void vm_retry_plugs(struct sg_vm *vm)
{
	for (size_t i = 0; i < SG_SLOTS_MAX && vm->plugs[i].slot; i++) {
		struct plug *plug = &vm->plugs[i];

		if (plug->active && plug->retry_at && plug->retry_at <= vm_now())
			send_plug(vm, plug);
	}
}
