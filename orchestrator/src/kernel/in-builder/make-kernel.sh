#!/bin/sh
# Builds vmlinux in /work/linux, reproducibly, and puts the stripped one and its .config into /out.
set -eu
export KBUILD_BUILD_TIMESTAMP='2000-01-01 00:00:00 +0000' KBUILD_BUILD_USER=vlab KBUILD_BUILD_HOST=vlab KBUILD_BUILD_VERSION=1
cd /work/linux
# The compiler command is part of what make compares: a patched build that spelled it otherwise would rebuild everything.
make -j"$(nproc)" CC='ccache gcc' vmlinux
strip -o /out/vmlinux vmlinux
cp .config /out/config
