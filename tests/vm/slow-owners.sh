#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# slow-owners - 20 drives whose owners need a second each: all of them go
#
# The times are shown and not judged.  That owners are waited for at once, and
# not one after the other, is what vfio-freeze proves without a clock.
set -u

"$SLOTGATE" lab run slow-owners --jobs 1 --ktap
