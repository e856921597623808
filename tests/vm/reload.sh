#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# reload - slotgate comes and goes while slots are at work
#
# Ten rounds, to keep the tests short; the scenario's own number is 100.
set -u

"$SLOTGATE" lab run reload --rounds 10 --ktap
