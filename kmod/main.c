// SPDX-License-Identifier: GPL-2.0-only
/*
 * The livepatch: what is wrapped, and how it comes and goes
 *
 * docs/DESIGN.md has the rules, the order of all locks, and for each wrapper
 * why it may be swapped in on a running machine.
 */
#include <linux/kernel.h>
#include <linux/livepatch.h>
#include <linux/module.h>

#include "check.h"
#include "compat.h"
#include "debt.h"
#include "gate.h"
#include "topology.h"
#include "trace.h"
#include "version.h"
#include "wrap.h"
#include "wraps.h"

/* The module that has vfio-pci's release path, and what else that path needs. */
#ifdef SG_HAVE_VFIO_PCI_CORE
#define SG_VFIO_MODULE		"vfio_pci_core"
#define SG_WRAPS_VFIO(W)	SG_WRAPS_VFIO_PCI_CORE(W)
#define SG_WRAPS_LINE(W)
#else
#define SG_VFIO_MODULE		"vfio_pci"
#define SG_WRAPS_VFIO(W)	SG_WRAPS_VFIO_PCI(W)
#define SG_WRAPS_LINE(W)	SG_WRAPS_VMLINUX_VFIO_PCI(W)
#endif

#define SG_WRAPS_KERNEL(W)	SG_WRAPS_VMLINUX(W) SG_WRAPS_LINE(W)

#define W(name, signature) SG_PRESENT(name, SG_WRAP_EXTERN(name))
SG_WRAPS_KERNEL(W)
#undef W
#define W(name, signature) SG_WRAP_EXTERN(name)
SG_WRAPS_VFIO(W)
#undef W
#define W(name, func, pos) SG_WRAP_EXTERN(name)
SG_WRAPS_XEN(W)
#undef W

#define SG_WRAP_ENTRY(func, sig) {					\
		.name = #func,						\
		.wrapper = sg_##func,					\
		.signature = sig,					\
		.key = &STATIC_CALL_KEY(sg_original_##func),		\
		.tramp = STATIC_CALL_TRAMP_ADDR(sg_original_##func),	\
	},

#define W(func, forms) SG_PRESENT(func, SG_WRAP_ENTRY(func, SG_SIGNATURE_##func))
static const struct sg_wrap vmlinux_wraps[] = {
	SG_WRAPS_KERNEL(W)
	{ }
};
#undef W

static const struct sg_wrap vfio_wraps[] = {
	SG_WRAPS_VFIO(SG_WRAP_ENTRY)
	{ }
};

#define W(ident, func, pos) {						\
		.name = #func,						\
		.position = pos,					\
		.wrapper = sg_##ident,					\
		.key = &STATIC_CALL_KEY(sg_original_##ident),		\
		.tramp = STATIC_CALL_TRAMP_ADDR(sg_original_##ident),	\
	},
static const struct sg_wrap xen_wraps[] = {
	SG_WRAPS_XEN(W)
	{ }
};
#undef W

#define SG_KLP_ENTRY(func, sig) { .old_name = #func, .new_func = sg_##func },

#define W(func, forms) SG_PRESENT(func, SG_KLP_ENTRY(func, forms))
static struct klp_func vmlinux_funcs[] = {
	SG_WRAPS_KERNEL(W)
	{ }
};
#undef W

static struct klp_func vfio_funcs[] = {
	SG_WRAPS_VFIO(SG_KLP_ENTRY)
	{ }
};

#define W(ident, func, pos)						\
	{ .old_name = #func, .old_sympos = pos, .new_func = sg_##ident },
static struct klp_func xen_funcs[] = {
	SG_WRAPS_XEN(W)
	{ }
};
#undef W

static int connect_originals(const struct klp_object *obj,
			     const struct sg_wrap *wrap)
{
	const struct klp_func *func;
	void *body;
	int ret;

	for (func = obj->funcs; func->old_name; func++, wrap++) {
		ret = sg_check_entry(func, &body);
		if (ret)
			return ret;
		__static_call_update(wrap->key, wrap->tramp, body);
	}
	return 0;
}

static int prepare(struct klp_object *obj, const struct sg_wrap *wraps)
{
	return sg_check_conflicts(obj->name ?: "vmlinux", wraps) ?:
	       connect_originals(obj, wraps);
}

static int vmlinux_pre_patch(struct klp_object *obj)
{
	return prepare(obj, vmlinux_wraps);
}

/* Slots that came while their creation was not patched everywhere. */
static void vmlinux_post_patch(struct klp_object *obj)
{
	sg_topo_open();
	if (sg_gates_scan())
		pr_warn("slotgate: no memory for the gates of all slots\n");
}

static void vmlinux_pre_unpatch(struct klp_object *obj)
{
	sg_topo_close();
}

static int vfio_pre_patch(struct klp_object *obj)
{
	return prepare(obj, vfio_wraps);
}

static int xen_pre_patch(struct klp_object *obj)
{
	return sg_check_copies(obj->funcs) ?: prepare(obj, xen_wraps);
}

/* Modules among the objects may be loaded later. */
static struct klp_object sg_objects[] = {
	{
		.funcs = vmlinux_funcs,
		.callbacks = {
			.pre_patch = vmlinux_pre_patch,
			.post_patch = vmlinux_post_patch,
			.pre_unpatch = vmlinux_pre_unpatch,
		},
	},
	{
		.name = SG_VFIO_MODULE,
		.funcs = vfio_funcs,
		.callbacks = {
			.pre_patch = vfio_pre_patch,
		},
	},
	{
		.name = "xen_pciback",
		.funcs = xen_funcs,
		.callbacks = {
			.pre_patch = xen_pre_patch,
		},
	},
	{ }
};

static struct klp_patch sg_patch = {
	.mod = THIS_MODULE,
	.objs = sg_objects,
};

static int __init slotgate_init(void)
{
	int ret;

	ret = sg_check_layout(vmlinux_wraps);
	if (ret)
		return ret;
	ret = sg_stats_init();
	if (ret)
		return ret;
	ret = sg_gates_scan();
	if (ret)
		goto forget_gates;
	ret = klp_enable_patch(&sg_patch);
	if (ret)
		goto forget_gates;

	sg_trace_init();
	pr_info("slotgate: " SG_VERSION " loaded\n");
	return 0;

forget_gates:
	sg_gates_destroy();
	sg_stats_exit();
	return ret;
}

static void __exit slotgate_exit(void)
{
	sg_trace_exit();
	sg_debt_exit();
	sg_gates_destroy();
	sg_stats_exit();
	pr_info("slotgate: unloaded\n");
}

module_init(slotgate_init);
module_exit(slotgate_exit);
MODULE_DESCRIPTION("Slot-level reset lock for PCIe hot-plug, as a livepatch");
MODULE_AUTHOR("The slotgate developers");
MODULE_LICENSE("GPL");
MODULE_VERSION(SG_VERSION);
MODULE_INFO(livepatch, "Y");
