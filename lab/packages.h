/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * packages.h - a folder of the cache that holds unpacked packages, kept up to date
 */
#ifndef LAB_PACKAGES_H
#define LAB_PACKAGES_H

#include "slotgate/lab.h"

/**
 * struct packages - what is wanted, and where
 * @suite:  where it comes from
 * @roots:  packages that it consists of, with what they depend on; NULL at the end
 * @is_part: which of them are wanted, by name
 * @folder: of the cache
 * @exact:  @roots are all there is to it, whatever they depend on
 * @settle: told what was unpacked below @root; says under which name to keep it
 */
struct packages {
	const char *suite;
	const char *const *roots;
	bool (*is_part)(const char *name);
	const char *folder;
	bool exact;
	int (*settle)(const char *root, char **name, struct sg_error *err);
};

/** packages_fetch - bring what is wanted into the cache; -EINTR when stopped */
int packages_fetch(const struct packages *wanted, const struct sg_watch *watch,
		   struct sg_error *err);

#endif
