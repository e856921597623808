// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compare the running kernel's types with those we were built for
 *
 * The module reaches into structures that have no public header, and calls
 * functions that have no declaration.  layout_generated.h holds what the build
 * found in the target kernel's BTF; here it is held against the BTF of the
 * kernel that is running.
 */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>

#include "btf.h"
#include "check.h"
#include "layout_generated.h"
#include "wraps.h"

#define SG_BTF_FILE	"/sys/kernel/btf/vmlinux"
#define SG_BTF_MAX	(64 << 20)

static const struct sg_layout {
	const char *type;
	const char *member;
	u32 offset;
} sg_layouts[] = {
#define W(type, member) { #type, #member, SG_OFFSET_##type##_##member },
	SG_LAYOUT(W)
#undef W
	{ }
};

static int check_member(const struct sg_btf *btf, const struct sg_layout *want)
{
	u32 offset;

	if (sg_btf_member(btf, want->type, want->member, &offset)) {
		pr_err("slotgate: this kernel has no member %s in struct %s\n",
		       want->member, want->type);
		return -ENOEXEC;
	}
	if (offset != want->offset) {
		pr_err("slotgate: %s is at offset %u of struct %s in this kernel, built for %u\n",
		       want->member, offset, want->type, want->offset);
		return -ENOEXEC;
	}
	return 0;
}

static int check_signature(const struct sg_btf *btf, const struct sg_wrap *wrap)
{
	char have[SG_SIGNATURE_MAX];

	if (sg_btf_signature(btf, wrap->name, have)) {
		pr_err("slotgate: this kernel's BTF has no function %s\n",
		       wrap->name);
		return -ENOEXEC;
	}
	if (strcmp(have, wrap->signature)) {
		pr_err("slotgate: %s is %s in this kernel, built for %s\n",
		       wrap->name, have, wrap->signature);
		return -ENOEXEC;
	}
	return 0;
}

static int check_all(const struct sg_btf *btf, const struct sg_wrap *wraps)
{
	const struct sg_layout *layout;
	const struct sg_wrap *wrap;
	int ret = 0;

	for (layout = sg_layouts; layout->type; layout++)
		ret = check_member(btf, layout) ?: ret;
	for (wrap = wraps; wrap->name; wrap++)
		ret = check_signature(btf, wrap) ?: ret;
	return ret;
}

static int check_raw(const void *data, size_t size, const struct sg_wrap *wraps)
{
	struct sg_btf btf;
	u32 *index;
	int ret;

	ret = sg_btf_parse(&btf, data, size);
	if (ret) {
		pr_err("slotgate: " SG_BTF_FILE " is not BTF that can be read here\n");
		return -ENOEXEC;
	}
	index = kvmalloc_array(btf.ntypes, sizeof(*index), GFP_KERNEL);
	if (!index)
		return -ENOMEM;
	sg_btf_index(&btf, index);
	ret = check_all(&btf, wraps);
	kvfree(index);
	return ret;
}

/*
 * Like any reader: kernel_read_file() is for what the kernel is made of, and
 * security modules ask what for.  Returns the size, or a negative errno.
 */
static ssize_t read_whole(struct file *file, void **ret)
{
	loff_t size = i_size_read(file_inode(file)), pos = 0;
	ssize_t done = 1;
	void *data;

	if (size <= 0 || size > SG_BTF_MAX)
		return -EINVAL;
	data = kvmalloc(size, GFP_KERNEL);
	if (!data)
		return -ENOMEM;

	while (pos < size && done > 0)
		done = kernel_read(file, data + pos, size - pos, &pos);
	if (pos < size) {
		kvfree(data);
		return done < 0 ? done : -EIO;
	}
	*ret = data;
	return size;
}

/**
 * sg_check_layout - structures and functions of vmlinux
 * @wraps: the functions, terminated by one without name
 */
int sg_check_layout(const struct sg_wrap *wraps)
{
	struct file *file = filp_open(SG_BTF_FILE, O_RDONLY, 0);
	void *data = NULL;
	ssize_t size;
	int ret;

	size = IS_ERR(file) ? PTR_ERR(file) : read_whole(file, &data);
	if (!IS_ERR(file))
		filp_close(file, NULL);
	if (size < 0) {
		pr_err("slotgate: cannot read " SG_BTF_FILE " (%zd), so cannot tell whether this is the kernel it was built for\n",
		       size);
		return size;
	}
	ret = check_raw(data, size, wraps);
	kvfree(data);
	return ret;
}
