#!/bin/sh
# What lies between two commits of the repository in /from, by git alone. What is read here was written by anybody: no network, nothing of it is
# run.
#
#   read-history.sh commits GOOD BAD MOST [PATH...]   to /out/good the commit that GOOD is, to /out/commits two lines for each commit from there
#                                                     to BAD: "commit", itself, its parents; and date, author, subject
#   read-history.sh change GOOD COMMIT [PATH...]      to /out/diff what COMMIT has otherwise than GOOD
#
# With paths only commits that change something there, as git bisect does; and what they change there. Merges are commits as all others are.
#
# Exit status 10: no such commits. 11: more than MOST. 12: GOOD is not in the history of BAD.
set -eu
export HOME=/tmp GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null GIT_NO_LAZY_FETCH=1 GIT_NO_REPLACE_OBJECTS=1 GIT_OPTIONAL_LOCKS=0 GIT_TERMINAL_PROMPT=0 GIT_PAGER=cat GIT_LITERAL_PATHSPECS=1
cd /tmp
repository() { git -c safe.directory='*' -c core.fsmonitor=false -c core.hooksPath=/dev/null -c core.attributesFile=/dev/null -c i18n.logOutputEncoding=UTF-8 -c log.showSignature=false --git-dir=/from "$@"; }
commit() { repository rev-parse --verify --quiet --end-of-options "$1^{commit}" || { echo "vlab-unknown: $1" >&2; exit 10; }; }

what=$1
good=$(commit "$2")
bad=$(commit "$3")
shift 3
case $what in
commits)
	most=$1
	shift
	repository merge-base --is-ancestor "$good" "$bad" || exit 12
	count=$(repository rev-list --count --end-of-options "$good..$bad" -- "$@")
	[ "$count" -le "$most" ] || { echo "vlab-commits: $count"; exit 11; }
	echo "$good" >/out/good
	repository rev-list --topo-order --parents --format='%as%x09%an <%ae>%x09%s' --end-of-options "$good..$bad" -- "$@" >/out/commits
	;;
change)
	repository diff-tree -p --full-index --no-renames --no-ext-diff --no-textconv --no-color --src-prefix=a/ --dst-prefix=b/ --end-of-options "$good" "$bad" -- "$@" >/out/diff
	;;
esac
