#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# xen - under Xen: stock hangs while a guest gives a drive back, slotgate passes
set -u

"$SLOTGATE" lab run xen-detach-vpci --jobs 2 --ktap
