/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * service.h - what a command says is also what "systemctl status" shows of its service
 */
#ifndef CLI_SERVICE_H
#define CLI_SERVICE_H

/** service_say - print one line on stdout; the service's status is that line */
void service_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** service_fail - as sg_cmd_fail() with SG_EXIT_FAILURE; the service's status is the reason */
int service_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
