/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cppcheck.h - macros of libraries that stand for a loop, for cppcheck, which does not read their headers
 */
#define json_object_object_foreach(object, name, value) \
	struct json_object *value = next_value(object); for (char *name = next_name(object); name;)
#define bpf_object__for_each_program(program, object) while ((program = next_program(object)))
