#!/bin/sh
# Copies a kernel tree from /from (a folder) or clones REF of it (a git repository, or a URL) to /work/linux, and writes which
# version that is to /work/linux.version.
#
#   fetch-tree.sh OWNER FROM [REF]
set -eu
owner=$1 from=$2 ref=${3:-}
if [ -n "$ref" ]; then
	git -c safe.directory='*' init -q /work/linux
	cd /work/linux
	git -c safe.directory='*' fetch -q --depth 1 "$from" "$ref"
	git checkout -q FETCH_HEAD
	git rev-parse HEAD >/work/linux.version
	rm -rf .git
else
	cp -a "$from" /work/linux
	cd /work/linux
	rm -rf .git
	make -s mrproper
	printf 'folder-%s\n' "$(find . -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c1-16)" >/work/linux.version
fi
chown -R "$owner" /work
