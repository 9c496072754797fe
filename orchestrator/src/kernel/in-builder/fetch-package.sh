#!/bin/sh
# Unpacks a Debian kernel source package to /work/linux and writes its exact version to /work/linux.version.
#
#   fetch-package.sh PACKAGE OWNER
set -eu
package=$1 owner=$2
apt-get update -q
mkdir /tmp/source && cd /tmp/source
apt-get download -q "$package"
dpkg-deb -f ./*.deb Version >/work/linux.version
chown "$owner" /work
# Unpacked by its owner: changing 90,000 files afterwards would write them all once more.
dpkg-deb --fsys-tarfile ./*.deb | tar -x --wildcards '*.tar.xz' -O | setpriv --reuid "$owner" --regid "$owner" --clear-groups tar -xJ -C /work
mv /work/linux-source-* /work/linux
rm -rf /tmp/source /var/lib/apt/lists/*
