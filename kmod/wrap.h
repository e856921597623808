/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Wrapping a kernel function
 *
 * A wrapper does its part and calls the body of the original just behind the
 * patched call site at its start, through a static call: a direct call, as the
 * target has no landing pad for an indirect one on processors with IBT.
 *
 *	SG_WRAP(int, pci_reset_bus, struct pci_dev *pdev)
 *	{
 *		...
 *		ret = SG_ORIGINAL(pci_reset_bus)(pdev);
 *
 * SG_WRAP_DECLARE() is for a wrapper whose helpers need the original first.
 */
#ifndef SLOTGATE_WRAP_H
#define SLOTGATE_WRAP_H

#include <linux/static_call.h>
#include <linux/types.h>

#define SG_WRAP_DECLARE(type, name, ...)				\
	type sg_##name(__VA_ARGS__);					\
	DEFINE_STATIC_CALL_NULL(sg_original_##name, sg_##name)

#define SG_WRAP(type, name, ...)					\
	SG_WRAP_DECLARE(type, name, __VA_ARGS__);			\
	type sg_##name(__VA_ARGS__)

#define SG_ORIGINAL(name)	static_call(sg_original_##name)

/*
 * SG_PRESENT(name, ...): the rest, if this kernel has the function, else nothing.
 * What is in wraps.h with a form "-" is wrapped by such means, and its wrapper
 * stands behind #if SG_HAVE_name.
 */
#define SG_PRESENT(name, ...)	__SG_PRESENT(SG_HAVE_##name, __VA_ARGS__)
#define __SG_PRESENT(have, ...)	___SG_PRESENT(have, __VA_ARGS__)
#define ___SG_PRESENT(have, ...) SG_PRESENT_##have(__VA_ARGS__)
#define SG_PRESENT_0(...)
#define SG_PRESENT_1(...)	__VA_ARGS__
#define SG_PRESENT_2(...)	__VA_ARGS__
#define SG_PRESENT_3(...)	__VA_ARGS__

/* What main.c needs of every wrapper, whatever its type. */
#define SG_WRAP_EXTERN(name)						\
	extern void sg_##name(void);					\
	extern struct static_call_key STATIC_CALL_KEY(sg_original_##name); \
	extern typeof(int (*)(void)) STATIC_CALL_TRAMP(sg_original_##name);

/**
 * struct sg_wrap - one wrapped function
 * @name: the kernel's function
 * @position: which of those of that name in its module, from 1; 0: the only one
 * @wrapper: ours
 * @signature: what the kernel's BTF must say of it, see wraps.h
 * @key: static call to the original
 * @tramp: and its trampoline
 */
struct sg_wrap {
	const char *name;
	unsigned long position;
	void *wrapper;
	const char *signature;
	struct static_call_key *key;
	void *tramp;
};

#endif
