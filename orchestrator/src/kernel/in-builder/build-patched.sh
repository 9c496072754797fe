#!/bin/sh
# Applies the patches in /patches to the built tree, in the order of their names, and builds what they touch.
# Exit status 10: a patch does not apply. 20: the patched tree does not build.
set -eu
here=$(dirname "$0")
cd /work/linux
for patch in /patches/*; do
	echo "vlab-patch: ${patch##*/}"
	git apply --verbose --whitespace=nowarn "$patch" 2>&1 || exit 10
done
CCACHE_DISABLE=1 sh "$here/make-kernel.sh" || exit 20
