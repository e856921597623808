#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# scenarios - stock hangs where it has to, slotgate passes
set -u

"$SLOTGATE" lab run vfio-close nested-ports rescan-remove vfio-freeze second-owner \
	--repeat 2 --jobs 2 --ktap
