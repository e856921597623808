// SPDX-License-Identifier: GPL-2.0-only
/*
 * task.c - what the kernel says about a task
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent.h"

/* Beginnings of names of functions in PCI, pciehp, vfio, sysfs and device-core code. */
static const char *const ours[] = {
	"pci", "__pci", "vfio_", "kernfs_drain", "kernfs_fop_write", "kernfs_remove",
	"device_", "__device_", "driver_", "__driver_", "bus_rescan", "rescan_store",
	"dev_rescan_store", "remove_store", "reset_store", "report_", "aer_", "sriov_",
	"slotgate_", "sg_", NULL
};

/*
 * A line is "[<0>] function+0x12/0x345 [module]".  Some builds list symbols of
 * the padding in front of a function; they are no functions of their own.
 */
static void add_frame(struct json_object *stack, const char *line)
{
	const char *name = strstr(line, "] ");
	size_t len;

	name = name ? name + 2 : line;
	len = strcspn(name, "+ \n");
	if (len && strncmp(name, "__pfx_", 6))
		json_object_array_add(stack, json_object_new_string_len(name, len));
}

struct json_object *task_stack(pid_t tid)
{
	struct json_object *stack = json_object_new_array();
	char path[64], *text, *line, *save = NULL;

	snprintf(path, sizeof(path), "/proc/%d/stack", tid);
	if (file_slurp(path, &text, NULL))
		return stack;
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		add_frame(stack, line);
	free(text);
	return stack;
}

/* The state follows the last ')': a task's name may hold anything. */
char task_state(pid_t tid)
{
	char text[512], *paren;

	if (file_read(text, sizeof(text), "/proc/%d/stat", tid))
		return '?';
	paren = strrchr(text, ')');
	return paren && paren[1] ? paren[2] : '?';
}

static bool frame_is_ours(const char *frame)
{
	for (size_t i = 0; ours[i]; i++)
		if (!strncmp(frame, ours[i], strlen(ours[i])))
			return true;
	return false;
}

bool stack_is_ours(struct json_object *stack)
{
	size_t len = json_object_array_length(stack);

	for (size_t i = 0; i < len; i++)
		if (frame_is_ours(json_object_get_string(json_object_array_get_idx(stack, i))))
			return true;
	return false;
}

bool task_blocked(pid_t tid)
{
	struct json_object *stack;
	char state = task_state(tid);
	bool ret;

	if (state != 'D' && state != 'S')
		return false;
	stack = task_stack(tid);
	ret = stack_is_ours(stack);
	json_object_put(stack);
	return ret;
}
