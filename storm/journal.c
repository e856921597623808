// SPDX-License-Identifier: GPL-2.0-only
/*
 * journal.c - what slots and devices were before a storm, on disk
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "journal.h"
#include "slotgate/cleanup.h"

/* Members of a slot and of a function, as the journal names them. */
struct member {
	const char *name;
	size_t offset, size;
};

#define MEMBER(type, member) { #member, offsetof(type, member), sizeof(((type *)0)->member) }

static const struct member slot_members[] = {
	MEMBER(struct storm_slot, name), MEMBER(struct storm_slot, bus),
	MEMBER(struct storm_slot, device), MEMBER(struct storm_slot, port),
	MEMBER(struct storm_slot, above), MEMBER(struct storm_slot, top), { NULL, 0, 0 }
};

static const struct member function_members[] = {
	MEMBER(struct storm_function, name), MEMBER(struct storm_function, driver),
	MEMBER(struct storm_function, override), MEMBER(struct storm_function, methods),
	MEMBER(struct storm_function, vfs), { NULL, 0, 0 }
};

/* ---- as it is now ---- */

static void read_attribute(const char *root, const char *device, const char *file, char *ret,
			   size_t size)
{
	if (file_read(ret, size, "%s/sys/bus/pci/devices/%s/%s", root, device, file) ||
	    !strcmp(ret, "(null)"))
		*ret = '\0';
}

static void take_function(const char *root, const char *name, struct storm_function *ret)
{
	snprintf(ret->name, sizeof(ret->name), "%s", name);
	if (file_link(ret->driver, sizeof(ret->driver), "%s/sys/bus/pci/devices/%s/driver", root,
		      name))
		ret->driver[0] = '\0';
	read_attribute(root, name, "driver_override", ret->override, sizeof(ret->override));
	read_attribute(root, name, "reset_method", ret->methods, sizeof(ret->methods));
	read_attribute(root, name, "sriov_numvfs", ret->vfs, sizeof(ret->vfs));
}

void storm_journal_take(const char *root, const struct storm_config *config,
			struct storm_journal *ret)
{
	*ret = (struct storm_journal){ .seed = config->seed, .nslots = config->nslots };
	for (unsigned int i = 0; i < config->nslots; i++) {
		const struct storm_slot *slot = &config->slots[i];
		unsigned int count = 0;
		char name[STORM_DEVICE];

		ret->slots[i].slot = *slot;
		for (unsigned int function = 0; function < STORM_FUNCTIONS; function++) {
			snprintf(name, sizeof(name), "%.11s%u", slot->device, function);
			if (file_exists("%s/sys/bus/pci/devices/%s", root, name))
				take_function(root, name, &ret->slots[i].functions[count++]);
		}
		ret->slots[i].nfunctions = count;
	}
}

/* ---- on disk ---- */

static struct json_object *members_json(const void *object, const struct member *members)
{
	struct json_object *json = json_object_new_object();

	for (; members->name; members++)
		json_object_object_add(json, members->name,
				       json_object_new_string((const char *)object +
							      members->offset));
	return json;
}

static struct json_object *journal_json(const struct storm_journal *journal)
{
	struct json_object *json = json_object_new_object(), *slots = json_object_new_array();

	for (unsigned int i = 0; i < journal->nslots; i++) {
		struct json_object *slot = members_json(&journal->slots[i].slot, slot_members);
		struct json_object *functions = json_object_new_array();

		for (unsigned int f = 0; f < journal->slots[i].nfunctions; f++)
			json_object_array_add(functions,
					      members_json(&journal->slots[i].functions[f],
							   function_members));
		json_object_object_add(slot, "functions", functions);
		json_object_array_add(slots, slot);
	}
	json_object_object_add(json, "seed", json_object_new_int64(journal->seed));
	json_object_object_add(json, "slots", slots);
	return json;
}

static int write_all(const char *path, const char *text)
{
	sg_autoclose int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	size_t len = strlen(text), done = 0;

	while (fd >= 0 && done < len) {
		ssize_t now = write(fd, text + done, len - done);

		if (now <= 0)
			return now ? -errno : -EIO;
		done += now;
	}
	return fd < 0 || fsync(fd) ? -errno : 0;
}

int storm_journal_save(const char *path, const struct storm_journal *journal)
{
	struct json_object *json = journal_json(journal);
	char temporary[PATH_MAX];
	int err;

	snprintf(temporary, sizeof(temporary), "%.4000s.new", path);
	err = write_all(temporary, json_object_to_json_string_ext(json, JSON_C_TO_STRING_PRETTY));
	json_object_put(json);
	if (!err && rename(temporary, path))
		err = -errno;
	if (err)
		unlink(temporary);
	return err;
}

/* Names become paths that are written to: nothing but plain ones. */
static int load_members(struct json_object *json, const struct member *members, void *ret)
{
	for (; members->name; members++) {
		struct json_object *value;
		const char *text;

		if (!json_object_object_get_ex(json, members->name, &value) ||
		    !json_object_is_type(value, json_type_string))
			return -EINVAL;
		text = json_object_get_string(value);
		if (strlen(text) >= members->size || strchr(text, '/') || *text == '.')
			return -EINVAL;
		strcpy((char *)ret + members->offset, text);
	}
	return 0;
}

static int load_slot(struct json_object *json, struct storm_journal *journal)
{
	struct json_object *functions;
	size_t count;
	int err = load_members(json, slot_members, &journal->slots[journal->nslots].slot);

	if (err || !json_object_object_get_ex(json, "functions", &functions) ||
	    !json_object_is_type(functions, json_type_array))
		return -EINVAL;
	count = json_object_array_length(functions);
	if (count > STORM_FUNCTIONS)
		return -EINVAL;
	for (size_t i = 0; i < count && !err; i++)
		err = load_members(json_object_array_get_idx(functions, i), function_members,
				   &journal->slots[journal->nslots].functions[i]);
	journal->slots[journal->nslots++].nfunctions = count;
	return err;
}

static int load(struct json_object *json, struct storm_journal *journal)
{
	struct json_object *slots, *seed;
	size_t count;
	int err = 0;

	if (!json_object_object_get_ex(json, "seed", &seed) ||
	    !json_object_object_get_ex(json, "slots", &slots) ||
	    !json_object_is_type(slots, json_type_array))
		return -EINVAL;
	journal->seed = json_object_get_int64(seed);
	count = json_object_array_length(slots);
	if (!count || count > STORM_SLOTS_MAX)
		return -EINVAL;
	for (size_t i = 0; i < count && !err; i++)
		err = load_slot(json_object_array_get_idx(slots, i), journal);
	return err;
}

int storm_journal_load(const char *path, struct storm_journal *ret)
{
	sg_autofree char *text = NULL;
	struct json_object *json;
	int err;

	*ret = (struct storm_journal){ .nslots = 0 };
	if (access(path, F_OK))
		return -errno;
	err = file_slurp(path, &text, NULL);
	if (err)
		return err;
	json = json_tokener_parse(text);
	err = json_object_is_type(json, json_type_object) ? load(json, ret) : -EINVAL;
	json_object_put(json);
	return err;
}
