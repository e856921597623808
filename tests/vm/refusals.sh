#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# refusals - slotgate keeps out where it must, and tells who took a function over
set -u

"$SLOTGATE" lab run refusals --ktap
