#!/bin/sh
# Adds guest kernel drivers to the built tree: each folder of /drivers has patches, and driver.config with the options they want. The tree,
# objects included, is what the container leaves behind for patched builds.
set -eu
here=$(dirname "$0")
cd /work/linux
for driver in /drivers/*; do
	for patch in "$driver"/*.patch; do
		echo "vlab-patch: ${patch##*/}"
		git apply --verbose --whitespace=nowarn "$patch" 2>&1
	done
	cat "$driver/driver.config" >>.config
done
# Quietly: that a driver's fragment overrides the base's is its point.
make -s olddefconfig >/dev/null 2>&1
# Kconfig drops what it cannot honour without a word (configure.sh).
cat /drivers/*/driver.config | grep -E '^(CONFIG_|# CONFIG_)' | while read -r wanted; do
	grep -qxF "$wanted" .config || { echo "configure: wanted $wanted"; exit 1; }
done
CCACHE_DISABLE=1 sh "$here/make-kernel.sh"
