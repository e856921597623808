// SPDX-License-Identifier: GPL-2.0-only
/*
 * run_accel.c - KVM or not
 */
#include <errno.h>

#include "cmd.h"
#include "run.h"

int run_decide_kvm(enum sg_accel accel, const struct sg_kernel *kernel, bool *kvm,
		   struct sg_error *err)
{
	int code;

	*kvm = false;
	if (accel == SG_ACCEL_TCG)
		return 0;
	code = sg_kvm_usable(kernel, sg_cmd_watch(), err);
	*kvm = !code;
	/* Emulation always works: that KVM does not is no error unless it was asked for. */
	return accel == SG_ACCEL_KVM || code == -EINTR ? code : 0;
}
