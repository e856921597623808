// SPDX-License-Identifier: GPL-2.0-only
/*
 * trace_intern.c - names to ids: a hash table over one block of text
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "trace_internal.h"

enum { SLOTS_FIRST = 256 };

struct sg_intern {
	char *text;		/* all names, each with its NUL */
	size_t used, size;
	size_t *start;		/* of a name in @text, by id */
	uint32_t count, room;
	uint32_t *slots;	/* id + 1, 0 for none; a power of two of them */
	size_t nslots;
};

struct sg_intern *sg_intern_create(void)
{
	struct sg_intern *intern = calloc(1, sizeof(*intern));

	if (!intern)
		return NULL;
	intern->nslots = SLOTS_FIRST;
	intern->slots = calloc(intern->nslots, sizeof(*intern->slots));
	if (intern->slots)
		return intern;
	free(intern);
	return NULL;
}

void sg_intern_destroy(struct sg_intern *intern)
{
	if (!intern)
		return;
	free(intern->text);
	free(intern->start);
	free(intern->slots);
	free(intern);
}

const char *sg_intern_text(const struct sg_intern *intern, uint32_t id)
{
	return intern->text + intern->start[id];
}

static uint64_t mix(uint64_t value, uint64_t word)
{
	value = (value ^ word) * 0x9e3779b97f4a7c15ULL;
	return value ^ value >> 32;
}

static uint64_t hash(const char *text, size_t len)
{
	uint64_t value = len, word = 0;

	for (; len > sizeof(word); text += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, text, sizeof(word));
		value = mix(value, word);
	}
	word = 0;
	memcpy(&word, text, len);
	return mix(value, word);
}

/* The slot of the name, or the free one where it belongs. */
static uint32_t *find(const struct sg_intern *intern, const char *text, size_t len)
{
	size_t slot = hash(text, len) & (intern->nslots - 1);

	for (; intern->slots[slot]; slot = (slot + 1) & (intern->nslots - 1)) {
		const char *name = sg_intern_text(intern, intern->slots[slot] - 1);

		if (!strncmp(name, text, len) && !name[len])
			break;
	}
	return &intern->slots[slot];
}

static int grow_slots(struct sg_intern *intern)
{
	uint32_t *old = intern->slots, *slots = calloc(intern->nslots * 2, sizeof(*slots));

	if (!slots)
		return -ENOMEM;
	intern->slots = slots;
	intern->nslots *= 2;
	for (uint32_t id = 0; id < intern->count; id++) {
		const char *name = sg_intern_text(intern, id);

		*find(intern, name, strlen(name)) = id + 1;
	}
	free(old);
	return 0;
}

static int grow(struct sg_intern *intern, size_t len)
{
	if (intern->count == SG_TRACE_IDS_MAX)
		return -EOVERFLOW;
	if (intern->count == intern->room) {
		uint32_t room = intern->room ? intern->room * 2 : SLOTS_FIRST;
		size_t *start = reallocarray(intern->start, room, sizeof(*start));

		if (!start)
			return -ENOMEM;
		intern->start = start;
		intern->room = room;
	}
	if (intern->size - intern->used <= len) {
		size_t size = 2 * intern->size + len + 1;
		char *text = realloc(intern->text, size);

		if (!text)
			return -ENOMEM;
		intern->text = text;
		intern->size = size;
	}
	return (intern->count + 1) * 2 > intern->nslots ? grow_slots(intern) : 0;
}

int sg_intern(struct sg_intern *intern, const char *text, size_t len, uint32_t *ret, bool *added)
{
	uint32_t *slot = find(intern, text, len);
	int err;

	*added = !*slot;
	if (*slot) {
		*ret = *slot - 1;
		return 0;
	}
	err = grow(intern, len);
	if (err)
		return err;
	slot = find(intern, text, len);
	memcpy(intern->text + intern->used, text, len);
	intern->text[intern->used + len] = '\0';
	intern->start[intern->count] = intern->used;
	intern->used += len + 1;
	*ret = intern->count++;
	*slot = *ret + 1;
	return 0;
}
