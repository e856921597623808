// SPDX-License-Identifier: GPL-2.0-only
/*
 * record_map.c - 64-bit numbers to numbers: open addressing, removal by moving up
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "record_internal.h"

enum { FIRST = 256 };

struct entry {
	uint64_t key, value;
	bool used;
};

struct sg_map {
	struct entry *entries;
	size_t size, count;		/* size: a power of two */
};

struct sg_map *sg_map_create(void)
{
	struct sg_map *map = calloc(1, sizeof(*map));

	if (!map)
		return NULL;
	map->size = FIRST;
	map->entries = calloc(map->size, sizeof(*map->entries));
	if (map->entries)
		return map;
	free(map);
	return NULL;
}

void sg_map_destroy(struct sg_map *map)
{
	if (!map)
		return;
	free(map->entries);
	free(map);
}

static size_t home(const struct sg_map *map, uint64_t key)
{
	key *= 0x9e3779b97f4a7c15ULL;
	return (key ^ key >> 32) & (map->size - 1);
}

/* The entry of @key, or the free one where it belongs. */
static struct entry *place(const struct sg_map *map, uint64_t key)
{
	size_t at = home(map, key);

	while (map->entries[at].used && map->entries[at].key != key)
		at = (at + 1) & (map->size - 1);
	return &map->entries[at];
}

uint64_t *sg_map_find(const struct sg_map *map, uint64_t key)
{
	struct entry *entry = place(map, key);

	return entry->used ? &entry->value : NULL;
}

static int grow(struct sg_map *map)
{
	struct sg_map bigger = { .size = map->size * 2 };

	bigger.entries = calloc(bigger.size, sizeof(*bigger.entries));
	if (!bigger.entries)
		return -ENOMEM;
	for (size_t i = 0; i < map->size; i++)
		if (map->entries[i].used)
			*place(&bigger, map->entries[i].key) = map->entries[i];
	free(map->entries);
	map->entries = bigger.entries;
	map->size = bigger.size;
	return 0;
}

int sg_map_put(struct sg_map *map, uint64_t key, uint64_t value)
{
	struct entry *entry;

	if ((map->count + 1) * 2 > map->size && grow(map))
		return -ENOMEM;
	entry = place(map, key);
	map->count += !entry->used;
	*entry = (struct entry){ key, value, true };
	return 0;
}

void sg_map_remove(struct sg_map *map, uint64_t key)
{
	struct entry *entry = place(map, key);
	size_t hole = entry - map->entries;

	if (!entry->used)
		return;
	map->count--;
	entry->used = false;
	for (size_t at = (hole + 1) & (map->size - 1); map->entries[at].used;
	     at = (at + 1) & (map->size - 1)) {
		struct entry moved = map->entries[at];

		map->entries[at].used = false;
		*place(map, moved.key) = moved;
	}
}

void sg_map_clear(struct sg_map *map)
{
	memset(map->entries, 0, map->size * sizeof(*map->entries));
	map->count = 0;
}

void sg_map_each(const struct sg_map *map, void (*each)(uint64_t value))
{
	for (size_t i = 0; i < map->size; i++)
		if (map->entries[i].used)
			each(map->entries[i].value);
}

size_t sg_map_count(const struct sg_map *map)
{
	return map->count;
}
