#!/bin/sh
# make-kernel.sh, once the lab has taken the kernels of the patches before (/taken, which it alone can write to): what this patch has make run could put
# others in their place.
set -eu
for built in /out/*/; do
	[ -d "$built" ] || continue
	name=$(basename "$built")
	until [ -e "/taken/$name" ]; do sleep 0.05; done
done
exec sh "${0%/*}/../make-kernel.sh"
