/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * patch_switch.h - what "on" and "off" share
 */
#ifndef CLI_PATCH_SWITCH_H
#define CLI_PATCH_SWITCH_H

#include "slotgate/lab.h"
#include "slotgate/livepatch.h"

/**
 * patch_wait - wait until the state is no longer @state, telling so now and then
 *
 * Returns 0, or -EINTR when the user wants an end; the kernel goes on by itself.
 */
int patch_wait(enum sg_patch_state state, const struct sg_watch *watch);

/** patch_module - call libkmod to load @path (NULL: remove slotgate); negative errno */
int patch_module(const char *path);

/** patch_signer - malloc'd name of who signed the module @path, or NULL if nobody did */
char *patch_signer(const char *path);

/** patch_reason - malloc'd last word of slotgate in the kernel log, or NULL */
char *patch_reason(void);

#endif
