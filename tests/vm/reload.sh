#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# reload - slotgate comes and goes while slots are at work
#
# Ten rounds, to keep the tests short; the scenario's own number is 100.  With a
# kernel at random addresses, which other guests do without.
set -u

"$SLOTGATE" lab run reload --rounds 10 --packed --ktap
