// SPDX-License-Identifier: GPL-2.0-only
/*
 * ops_device.c - operations on modules, devices and slots
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "ops.h"

void op_modules(char **words, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		int err = modules_load(words[i]);

		if (err)
			die("modules %s: %s", words[i], strerror(-err));
	}
}

void op_slotgate(char **words, unsigned int count)
{
	(void)words, (void)count;
	slotgate_load();
}

void op_slotgate_unload(char **words, unsigned int count)
{
	(void)words, (void)count;
	slotgate_unload();
}

void op_load(char **words, unsigned int count)
{
	(void)count;
	livepatch_load(words[0]);
}

void op_insert(char **words, unsigned int count)
{
	char path[128];
	int err;

	(void)count;
	snprintf(path, sizeof(path), "/sg/extra/%s.ko", words[0]);
	err = module_insert(path, "");
	if (err)
		die("%s: %s", path, strerror(-err));
}

void op_unload(char **words, unsigned int count)
{
	(void)count;
	livepatch_unload(words[0]);
}

void op_refused(char **words, unsigned int count)
{
	char reason[256] = "";

	for (unsigned int i = 1; i < count; i++)
		snprintf(reason + strlen(reason), sizeof(reason) - strlen(reason), "%s%s",
			 i > 1 ? " " : "", words[i]);
	livepatch_refused(words[0], reason);
}

void op_takeovers(char **words, unsigned int count)
{
	(void)count;
	takeovers_are(words[0]);
}

/* Else the run would show nothing: what it is about did not come about. */
void op_deferred(char **words, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		if (slot_counter(slot_arg(words[i])->number, "deferred") <= 0)
			die("slot %s: slotgate has put off no reset there", words[i]);
}

/* Writes to a file of a slot's device; what the kernel says is final. */
static void device_write(const struct slot *slot, const char *file, const char *text)
{
	char path[128];
	int err;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/%s", slot->device, file);
	err = file_write(path, text);
	if (err)
		die("%s: \"%s\": %s", path, text, strerror(-err));
}

static void bind(const struct slot *slot, const char *want)
{
	char driver[64];

	device_write(slot, "driver_override", want);
	if (file_exists("/sys/bus/pci/devices/%s/driver", slot->device))
		device_write(slot, "driver/unbind", slot->device);
	file_write("/sys/bus/pci/drivers_probe", slot->device);
	if (file_link(driver, sizeof(driver), "/sys/bus/pci/devices/%s/driver", slot->device) ||
	    strcmp(driver, want))
		die("slot %u: %s does not take %s", slot->number, want, slot->device);
}

void op_vfio(char **words, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		bind(slot_arg(words[i]), "vfio-pci");
}

void op_bind(char **words, unsigned int count)
{
	for (unsigned int i = 1; i < count; i++)
		bind(slot_arg(words[i]), words[0]);
}

struct writing {
	char path[256];
	char text[64];
	const char *role;
};

/* A slot or device that has gone meanwhile is an answer, not a failure. */
static int write_main(void *arg)
{
	const struct writing *writing = arg;
	int err = file_write(writing->path, writing->text);

	if (err)
		report_note("%s: %s", writing->role, strerror(-err));
	return 0;
}

static volatile sig_atomic_t released;

static void on_release(int signal)
{
	(void)signal;
	released = 1;
}

static int again_main(void *arg)
{
	const struct writing *writing = arg;
	unsigned int done = 0, refused = 0;
	int err = 0;

	signal(SIGTERM, on_release);
	while (!released) {
		int now = file_write(writing->path, writing->text);

		done += !now;
		refused += !!now;
		err = now ? now : err;
	}
	report_note("%s: %u done, %u refused%s%s", writing->role, done, refused,
		    err ? ", the last with: " : "", err ? strerror(-err) : "");
	return 0;
}

static void start_writing(const char *id, const char *role, int (*run)(void *),
			  struct writing *writing)
{
	id_arg(id);
	writing->role = role;
	proc_spawn(id, role, run, writing);
}

/* The end of a path is what tells files of devices apart. */
static const char *folder_and_file(const char *path)
{
	const char *slash = strrchr(path, '/');

	while (slash && slash > path && slash[-1] != '/')
		slash--;
	return slash ? slash : path;
}

static void write_words(char **words, unsigned int count, int (*run)(void *))
{
	struct writing writing;
	char text[64] = "", role[192];

	path_expand(writing.path, sizeof(writing.path), words[1]);
	for (unsigned int i = 2; i < count; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s",
			 i > 2 ? " " : "", words[i]);
	text_expand(writing.text, sizeof(writing.text), text);
	snprintf(role, sizeof(role), "write %s %.150s", words[0], folder_and_file(writing.path));
	start_writing(words[0], role, run, &writing);
}

void op_write(char **words, unsigned int count)
{
	write_words(words, count, write_main);
}

void op_again(char **words, unsigned int count)
{
	write_words(words, count, again_main);
}

static void power_write(char **words, const char *verb, const char *value)
{
	const struct slot *slot = slot_arg(words[1]);
	struct writing writing;
	char role[64];

	snprintf(writing.path, sizeof(writing.path), "/sys/bus/pci/slots/%u/power", slot->number);
	snprintf(writing.text, sizeof(writing.text), "%s", value);
	snprintf(role, sizeof(role), "%s %u", verb, slot->number);
	start_writing(words[0], role, write_main, &writing);
}

void op_off(char **words, unsigned int count)
{
	(void)count;
	power_write(words, "off", "0");
}

void op_on(char **words, unsigned int count)
{
	(void)count;
	power_write(words, "on", "1");
}

static void ask_plug(unsigned int number, bool try)
{
	struct json_object *rec = record("plug");

	json_object_object_add(rec, "slot", json_object_new_int(number));
	if (try)
		json_object_object_add(rec, "try", json_object_new_boolean(true));
	report(rec);
}

void plug(unsigned int number)
{
	ask_plug(number, false);
}

void plug_try(unsigned int number)
{
	ask_plug(number, true);
}

void op_plug(char **words, unsigned int count)
{
	(void)count;
	plug(slot_arg(words[0])->number);
}

void op_sleep(char **words, unsigned int count)
{
	(void)count;
	sleep_ms(number_arg(words[0]));
}
