/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * deb.h - Debian packages: find, download, unpack; nothing is installed
 */
#ifndef LAB_DEB_H
#define LAB_DEB_H

#include "slotgate/lab.h"
#include "slotgate/strv.h"

/**
 * struct deb_source - where packages of one suite come from
 * @options: what apt-get and apt-cache are told
 * @folder:  private state; every file below it can go
 * @own:     the machine's own lists are used, as they are
 */
struct deb_source {
	struct sg_strv options;
	char *folder;
	bool own;
};

/** deb_open - the machine's own sources when it runs @suite, else private ones */
int deb_open(const char *suite, const char *cache, const struct sg_watch *watch,
	     struct deb_source *ret, struct sg_error *err);
void deb_deinit(struct deb_source *source);

/** deb_sources - where the list of private sources of @suite is kept */
char *deb_sources(const char *cache, const char *suite);

/** deb_update - fetch the package lists, into @source's own folder */
int deb_update(struct deb_source *source, const struct sg_watch *watch, struct sg_error *err);

/** deb_is_kernel - is package @name part of a kernel, and not empty? */
bool deb_is_kernel(const char *name);

/** deb_closure - those of @roots (NULL at the end), and of what they need, that are wanted */
int deb_closure(struct deb_source *source, const char *const *roots,
		bool (*is_part)(const char *name), const struct sg_watch *watch,
		struct sg_strv *ret, struct sg_error *err);

/** deb_manifest - file names and checksums of @packages, as text to compare */
int deb_manifest(struct deb_source *source, const struct sg_strv *packages,
		 const struct sg_watch *watch, char **ret, struct sg_error *err);

/** deb_unpack - download @packages into @folder and unpack them below @folder/root */
int deb_unpack(struct deb_source *source, const struct sg_strv *packages, const char *folder,
	       const struct sg_watch *watch, struct sg_error *err);

#endif
