#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# package - the part of the packages that needs no chroot: they build, lintian has no
# errors, and all that an operator looks for is inside; see tests/packages for the rest
set -u
. tests/vm/tap

version=$(sed -n 's/.*SG_VERSION "\(.*\)"/\1/p' kmod/version.h)
ok 'the package has the version of the project' \
	grep -q "^slotgate ($version)" packaging/debian/changelog
SLOTGATE_ROOT=$TMP packaging/dkms/kernel-layout 9.9 >/dev/null 2>"$TMP/err"
ok 'no kernel image: refused with a reason' grep -q 'no image of kernel 9.9' "$TMP/err"

missing=
for tool in dpkg-buildpackage dh_dkms lintian; do
	command -v $tool >/dev/null || missing="$missing $tool"
done
if [ -n "$missing" ]; then
	skip 'packages' "absent:$missing (\"tools/deps deb\" installs them)"
	exit
fi
ok 'packages build, and lintian has no errors' sh -c 'packaging/build "$0" "$1" >&2' "$version" "$TMP/deb"
dpkg -c "$TMP/deb/slotgate_${version}_amd64.deb" | awk '{ print $6 }' >"$TMP/files"
dpkg -c "$TMP/deb/slotgate-dkms_${version}_all.deb" | awk '{ print $6 }' >>"$TMP/files"

# has FILE...: regular expressions, each of a whole name
has() {
	for file; do
		grep -qx "\./$file" "$TMP/files" || { echo "# no $file"; return 1; }
	done
}

for page in man/*; do
	set -- "$@" "usr/share/man/man${page##*.}/${page##*/}.gz"
done
ok 'all man pages' has "$@"
ok 'command, agent, service' has usr/bin/slotgate usr/lib/slotgate/agent \
	lib/systemd/system/slotgate.service lib/systemd/system/slotgate-metrics.timer
ok 'hooks of kernel packages' has etc/kernel/postinst.d/slotgate-dkms \
	etc/kernel/header_postinst.d/slotgate-dkms usr/lib/slotgate/build-module
ok 'completion for shells' has usr/share/bash-completion/completions/slotgate \
	usr/share/zsh/vendor-completions/_slotgate
ok 'examples for monitoring' has usr/share/doc/slotgate/examples/slotgate.rules.yml \
	'usr/share/doc/slotgate/examples/slotgate.json\(.gz\)\?'
set --
for source in kmod/*.c kmod/*.h kmod/Kbuild; do
	set -- "$@" "usr/src/slotgate-$version/${source#kmod/}"
done
ok 'all source of the module' has "$@" "usr/src/slotgate-$version/dkms.conf" \
	"usr/src/slotgate-$version/prepare"
