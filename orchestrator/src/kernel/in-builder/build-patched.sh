#!/bin/sh
# Applies the patches in /patches to the built tree, in the order of their names. After each of them builds what has changed, if its kernel
# is wanted, into /out/PATCH.
#
#   build-patched.sh PATCH...      the names of the patches whose kernel is wanted
#
# Says, one line each, what patched-log.ts reads:
#
#   vlab-checkpatch: PATCH LINE          checkpatch.pl's own lines, before anything is applied: a patch may change checkpatch.pl
#   vlab-patch: PATCH                    is applied now; what follows is about it
#   vlab-merged: PATCH                   went on by a three-way merge only
#   vlab-bloat: OBJECT BEFORE AFTER      bytes of an object of a changed file; - where there is none
#   vlab-built: PATCH, vlab-broken: PATCH
#
# Exit status 10: a patch does not apply. 20: the whole series does not build.
set -u
here=$(dirname "$0")
cd /work/linux || exit 1

# A repository beside the tree, of the files that the patches touch: to take in all 90,000 would take longer than the build. Inside the
# tree it would change the kernel's version.
export GIT_DIR=/tmp/series.git GIT_WORK_TREE=/work/linux GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
export GIT_AUTHOR_NAME=vlab GIT_AUTHOR_EMAIL=vlab@localhost GIT_COMMITTER_NAME=vlab GIT_COMMITTER_EMAIL=vlab@localhost
export HOME=/tmp

touched() {
	sed -n -e 's|^--- [^/]*/\([^\t]*\).*|\1|p' -e 's|^+++ [^/]*/\([^\t]*\).*|\1|p' -e 's|^rename from ||p' -e 's|^copy from ||p' -e 's|^diff --git [^/]*/\([^ ]*\) .*|\1|p' "$@" | tr -d '\r' | sort -u
}

is_mail() {
	head -n 60 "$1" | grep -q '^From:'
}

apply() {
	if ! is_mail "$1"; then
		git apply --index --whitespace=nowarn "$1" && git commit -q --allow-empty -m "${1##*/}"
		return
	fi
	git am -q --whitespace=nowarn "$1" >/tmp/am 2>&1 && return
	git am --abort >/dev/null 2>&1
	if git am -q -3 --whitespace=nowarn "$1" >/tmp/am3 2>&1; then
		echo "vlab-merged: ${1##*/}"
		return
	fi
	git am --abort >/dev/null 2>&1
	cat /tmp/am
	return 1
}

bytes_of() {
	python3 scripts/bloat-o-meter /tmp/empty.o "$1" | sed -n 's/^Total: .*After=\([0-9]*\),.*/\1/p'
}

bloat() {
	while IFS= read -r object; do
		before=- after=-
		[ -f "/tmp/before/$object" ] && before=$(bytes_of "/tmp/before/$object")
		[ -f "$object" ] && after=$(bytes_of "$object")
		echo "vlab-bloat: $object ${before:--} ${after:--}"
	done </tmp/objects
}

for patch in /patches/*; do
	timeout 60 perl scripts/checkpatch.pl --no-tree --strict --terse --no-summary --ignore FILE_PATH_CHANGES "$patch" 2>/dev/null | head -n 200 | sed "s|^|vlab-checkpatch: ${patch##*/} |"
done

git init -q
touched /patches/* >/tmp/touched
while IFS= read -r file; do
	[ -f "$file" ] && git add -f -- "$file"
done </tmp/touched
git commit -q --allow-empty -m base

sed -n 's/\.[cS]$/.o/p' /tmp/touched >/tmp/objects
while IFS= read -r object; do
	[ -f "$object" ] && mkdir -p "/tmp/before/$(dirname "$object")" && cp "$object" "/tmp/before/$object"
done </tmp/objects
echo | gcc -x c -c - -o /tmp/empty.o

built=20
for patch in /patches/*; do
	name=${patch##*/}
	echo "vlab-patch: $name"
	apply "$patch" 2>&1 || exit 10
	case " $* " in
	*" $name "*) ;;
	*) continue ;;
	esac
	# Git's own folder is no business of the build: with it the kernel would call itself dirty.
	if env -u GIT_DIR -u GIT_WORK_TREE CCACHE_DISABLE=1 sh "$here/make-kernel.sh" && mkdir "/out/$name" && mv /out/vmlinux /out/config "/out/$name/"; then
		bloat
		echo "vlab-built: $name"
		built=0
	else
		echo "vlab-broken: $name"
		built=20
	fi
done
exit $built
