// SPDX-License-Identifier: GPL-2.0-only
/*
 * The start of a function, and other livepatches
 */
#include <linux/fs.h>
#include <linux/ftrace.h>
#include <linux/module.h>
#include <linux/namei.h>
#include <linux/slab.h>

#include "check.h"
#include "compat.h"

#define SG_KLP_FOLDER	"/sys/kernel/livepatch"
#define SG_OTHERS_MAX	64

/* What may stand before the call site: a landing pad, sealed or not. */
static const u8 pads[][4] = {
	{ 0xf3, 0x0f, 0x1e, 0xfa },	/* endbr64 */
	{ 0x66, 0x0f, 0x1f, 0x00 },	/* sealed at boot, v6.2 to v6.13 */
	{ 0x0f, 0x1f, 0x40, 0xd6 },	/* sealed at boot, since v6.14 */
};

/* The call site: nothing attached yet, or a call to ftrace. */
static const u8 nops[][MCOUNT_INSN_SIZE] = {
	{ 0x0f, 0x1f, 0x44, 0x00, 0x00 },
	{ 0x66, 0x66, 0x66, 0x66, 0x90 },	/* before v5.13, on processors that prefer it */
};
#define SG_CALL		0xe8

static bool is_call_site(const u8 *code)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(nops); i++)
		if (!memcmp(code, nops[i], sizeof(nops[i])))
			return true;
	return code[0] == SG_CALL;
}

/**
 * sg_check_entry - find the body of a function behind its call site
 * @func: the function, its address known to livepatch
 * @ret: where the body begins
 */
int sg_check_entry(const struct klp_func *func, void **ret)
{
	u8 *code = func->old_func;
	int i;

	for (i = 0; i < ARRAY_SIZE(pads); i++)
		if (!memcmp(code, pads[i], sizeof(pads[i]))) {
			code += sizeof(pads[i]);
			break;
		}
	if (!is_call_site(code)) {
		pr_err("slotgate: %s begins with %*ph, which is no call site known here\n",
		       func->old_name, 9, func->old_func);
		return -ENOEXEC;
	}
	*ret = code + MCOUNT_INSN_SIZE;
	return 0;
}

/**
 * sg_check_copies - are functions that exist twice told apart by source file?
 * @funcs: those of one object, terminated by one without name
 *
 * Two files have functions of the same names, and what is first of one name has
 * to be of the same file as what is first of another.
 */
int sg_check_copies(const struct klp_func *funcs)
{
	const struct klp_func *first, *second;

	for (first = funcs; first->old_name; first++)
		for (second = funcs; second->old_name; second++) {
			if (first->old_sympos != 1 || second->old_sympos != 2 ||
			    first->old_func < second->old_func)
				continue;
			pr_err("slotgate: %s and %s are not where two source files would have them\n",
			       first->old_name, second->old_name);
			return -ENOEXEC;
		}
	return 0;
}

/* Names of the livepatches that are loaded, ours included. */
struct patch_names {
	struct dir_context ctx;
	char *name[SG_OTHERS_MAX];
	unsigned int count;
	bool overflow;
};

static sg_filldir_t add_name(struct dir_context *ctx, const char *name, int len,
			     loff_t offset, u64 ino, unsigned int type)
{
	struct patch_names *names = container_of(ctx, struct patch_names, ctx);

	if (name[0] == '.' || (len == strlen(THIS_MODULE->name) &&
			       !strncmp(name, THIS_MODULE->name, len)))
		return SG_FILLDIR_ON;
	names->overflow |= names->count == SG_OTHERS_MAX;
	if (names->overflow)
		return SG_FILLDIR_END;
	names->name[names->count] = kstrndup(name, len, GFP_KERNEL);
	names->overflow |= !names->name[names->count];
	names->count += !names->overflow;
	return names->overflow ? SG_FILLDIR_END : SG_FILLDIR_ON;
}

static int list_patches(struct patch_names *names)
{
	struct file *dir;
	int ret;

	dir = filp_open(SG_KLP_FOLDER, O_RDONLY | O_DIRECTORY, 0);
	if (IS_ERR(dir))
		return PTR_ERR(dir);
	ret = iterate_dir(dir, &names->ctx);
	filp_close(dir, NULL);
	return ret ?: names->overflow ? -E2BIG : 0;
}

/* A patched function is a folder PATCH/OBJECT/FUNCTION,POSITION. */
static bool patches_function(const char *patch, const char *object,
			     const struct sg_wrap *wrap)
{
	struct path path;
	char *name;
	bool found;

	name = kasprintf(GFP_KERNEL, SG_KLP_FOLDER "/%s/%s/%s,%lu",
			 patch, object, wrap->name, wrap->position ?: 1);
	if (!name)
		return true;
	found = !kern_path(name, LOOKUP_DIRECTORY, &path);
	if (found)
		path_put(&path);
	kfree(name);
	return found;
}

static int check_patch(const char *patch, const char *object,
		       const struct sg_wrap *wraps)
{
	const struct sg_wrap *wrap;

	for (wrap = wraps; wrap->name; wrap++) {
		if (!patches_function(patch, object, wrap))
			continue;
		pr_err("slotgate: livepatch %s already changes %s, which calling the original would undo\n",
		       patch, wrap->name);
		return -EBUSY;
	}
	return 0;
}

/**
 * sg_check_conflicts - does another livepatch change what we wrap?
 * @object: "vmlinux" or the module whose functions these are
 * @wraps: the functions, terminated by one without name
 *
 * Called with livepatch's own mutex held, by its callback before patching: no
 * other livepatch comes or goes meanwhile.
 */
int sg_check_conflicts(const char *object, const struct sg_wrap *wraps)
{
	struct patch_names *names = kzalloc(sizeof(*names), GFP_KERNEL);
	unsigned int i;
	int ret;

	if (!names)
		return -ENOMEM;

	/* Members of dir_context are const: set up by copy. */
	memcpy(&names->ctx, &(struct dir_context){ .actor = add_name },
	       sizeof(names->ctx));
	ret = list_patches(names);
	if (ret)
		pr_err("slotgate: cannot look for other livepatches in " SG_KLP_FOLDER " (%d)\n",
		       ret);
	for (i = 0; i < names->count; i++) {
		ret = ret ?: check_patch(names->name[i], object, wraps);
		kfree(names->name[i]);
	}
	kfree(names);
	return ret;
}
