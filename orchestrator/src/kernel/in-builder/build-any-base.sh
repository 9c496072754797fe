#!/bin/sh
# build-base.sh for kernels of any age. Those before 6.4 have a merge_config.sh that takes -Q, which configure.sh says, for a file; it is
# taught to pass over it, and put back when all is built: the tree is what patches apply to.
#
#   build-any-base.sh FRAGMENT...
set -eu
merge=/work/linux/scripts/kconfig/merge_config.sh
if ! grep -q '"-Q")' "$merge"; then
	cp -p "$merge" /tmp/merge_config.sh
	sed -i 's/^\([[:space:]]*\)"-m")$/\1"-Q")\n\1\tshift\n\1\tcontinue\n\1\t;;\n&/' "$merge"
fi
sh "${0%/*}/build-base.sh" "$@"
if [ -e /tmp/merge_config.sh ]; then
	cp -p /tmp/merge_config.sh "$merge"
fi
