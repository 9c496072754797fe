#!/bin/sh
# Configures and builds an unpatched kernel. The tree, objects included, is what the container leaves behind for patched builds.
#
#   build-base.sh FRAGMENT...
set -eu
here=$(dirname "$0")
cd /work/linux
sh "$here/configure.sh" "$@"
ccache -z >/dev/null
sh "$here/make-kernel.sh"
gcc --version | head -n 1 >/out/compiler
cat /work/linux.version >/out/version
make -s kernelversion >>/out/version
ccache --print-stats | awk '/^(direct|preprocessed)_cache_hit/ { n += $2 } END { print n + 0 }' >/out/ccache-hits
