#!/bin/sh
# Tries the patches in /patches on the tree, in the order of their names, without building anything. Only the files that they name (/files, a
# name each line) are given to git: the whole tree would take minutes.
#
# Exit status 10: a patch does not apply. 12: a patch goes through a symbolic link.
set -eu
export HOME=/tmp GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null GIT_LITERAL_PATHSPECS=1 GIT_DIR=/tmp/try.git GIT_WORK_TREE=/work/linux
export GIT_AUTHOR_NAME=vlab GIT_AUTHOR_EMAIL=vlab@invalid GIT_COMMITTER_NAME=vlab GIT_COMMITTER_EMAIL=vlab@invalid
cd /work/linux
while IFS= read -r file; do
	folder=$(dirname "./$file")
	if [ -L "$file" ] || [ "$(realpath -m "$folder")" != "$(realpath -ms "$folder")" ]; then
		echo "vlab-symlink: $file" >&2
		exit 12
	fi
	[ ! -e "$file" ] || printf '%s\0' "$file"
done </files >/tmp/there
git init -q
git config core.hooksPath /dev/null
git config gc.auto 0
git add -f --pathspec-from-file=/tmp/there --pathspec-file-nul
git commit -q --allow-empty -m base
for patch in /patches/*; do
	echo "vlab-patch: ${patch##*/}"
	if ! git am -q -3 --whitespace=nowarn "$patch" >/tmp/said 2>&1; then
		git am --abort >/dev/null 2>&1 || true
		# -3 does not say which hunk it was.
		git apply --check --verbose --whitespace=nowarn "$patch" 2>&1 || exit 10
		cat /tmp/said
		exit 10
	fi
done
