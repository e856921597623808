/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * json.h - reading JSON that somebody else wrote: wrong types read as absent
 */
#ifndef REPORT_JSON_H
#define REPORT_JSON_H

#include <json-c/json.h>
#include <stdbool.h>

static inline struct json_object *json_member(struct json_object *object, const char *name, enum json_type type)
{
	struct json_object *member = NULL;

	if (!json_object_is_type(object, json_type_object) ||
	    !json_object_object_get_ex(object, name, &member) || !json_object_is_type(member, type))
		return NULL;
	return member;
}

static inline const char *json_text(struct json_object *object, const char *name)
{
	struct json_object *member = json_member(object, name, json_type_string);

	return member ? json_object_get_string(member) : "";
}

static inline struct json_object *json_object_of(struct json_object *object, const char *name)
{
	return json_member(object, name, json_type_object);
}

static inline struct json_object *json_list(struct json_object *object, const char *name)
{
	return json_member(object, name, json_type_array);
}

static inline size_t json_count(struct json_object *list)
{
	return list ? json_object_array_length(list) : 0;
}

static inline struct json_object *json_at(struct json_object *list, size_t index)
{
	return json_object_array_get_idx(list, index);
}

/* The text of an element, "" if it is none. */
static inline const char *json_text_at(struct json_object *list, size_t index)
{
	struct json_object *item = json_at(list, index);

	return json_object_is_type(item, json_type_string) ? json_object_get_string(item) : "";
}

static inline long long json_number(struct json_object *object, const char *name)
{
	struct json_object *member = NULL;

	if (json_object_is_type(object, json_type_object))
		json_object_object_get_ex(object, name, &member);
	return json_object_get_int64(member);
}

static inline double json_real(struct json_object *object, const char *name)
{
	struct json_object *member = NULL;

	if (json_object_is_type(object, json_type_object))
		json_object_object_get_ex(object, name, &member);
	return json_object_get_double(member);
}

static inline bool json_true(struct json_object *object, const char *name)
{
	return json_object_get_boolean(json_member(object, name, json_type_boolean));
}

#endif
