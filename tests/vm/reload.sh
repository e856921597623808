#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# reload - slotgate comes and goes 100 times while slots are at work
set -u

"$SLOTGATE" lab run reload --ktap
