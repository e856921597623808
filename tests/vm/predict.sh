#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# predict - a deadlock from the recording of a run in which nothing hung, and none with slotgate
set -u
. tests/vm/tap

"$SLOTGATE" lab predict rescan-remove --keep "$TMP/quiet" >"$TMP/table"
status=$?
sed 's/^/# /' "$TMP/table"
ok "rescan-remove is predicted on stock, nothing with slotgate" test $status = 0

"$SLOTGATE" predict --quiet "$TMP"/quiet/*-stock/trace >"$TMP/out"
status=$?
ok "predict ends with 1" test $status = 1
ok "predict names the file" \
	grep -q 'waits until nobody is inside the sysfs file .*/rescan' "$TMP/out"
