#!/bin/sh
# Mails to patches, by git alone. What is read here was written by anybody: no network, nothing of it is run.
#
#   split-mail.sh split          /in/mbox to /out/NNNN, a mail each
#   split-mail.sh info           each mail /in/NNNN to /out/NNNN.info (author, subject, date), NNNN.msg and NNNN.patch
#   split-mail.sh range RANGE MOST   the commits RANGE of the repository in /from to /out/NNNN-*.patch
#
# Exit status 10: the range is not in the repository. 11: it has more than MOST commits.
set -eu
# The repository's own configuration cannot be left out, but what in it names a program can be overruled.
export HOME=/tmp GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null GIT_NO_LAZY_FETCH=1 GIT_OPTIONAL_LOCKS=0 GIT_TERMINAL_PROMPT=0 GIT_PAGER=cat
cd /tmp
case $1 in
split)
	git mailsplit -b --mboxrd -o/out /in/mbox
	;;
info)
	for mail in /in/*; do
		to=/out/${mail##*/}
		# What says that it is of an encoding that there is not is taken as it is.
		git mailinfo -b --encoding=UTF-8 --no-scissors --quoted-cr=strip "$to.msg" "$to.patch" <"$mail" >"$to.info" ||
			git mailinfo -b -n --no-scissors --quoted-cr=strip "$to.msg" "$to.patch" <"$mail" >"$to.info" || rm -f "$to.info"
	done
	;;
range)
	repository() { git -c safe.directory='*' -c core.fsmonitor=false -c core.hooksPath=/dev/null -c core.attributesFile=/dev/null -c i18n.logOutputEncoding=UTF-8 --git-dir=/from "$@"; }
	count=$(repository rev-list --count --no-merges --end-of-options "$2") || exit 10
	[ "$count" -le "$3" ] || { echo "vlab-commits: $count"; exit 11; }
	repository format-patch -q -o /out --subject-prefix=PATCH --numbered --no-attach --no-cover-letter --no-signature --no-notes --no-thread --no-to --no-cc \
		--no-add-header --no-signoff --no-ext-diff --no-textconv --no-color --default-prefix --end-of-options "$2"
	;;
esac
