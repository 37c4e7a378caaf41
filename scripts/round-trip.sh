#!/bin/sh
# One artifact there and back, by the verbs of Tallyman alone: scripts/round-trip.sh REGISTRY OTHER_REGISTRY
set -eu
here=$1/team/report:1.0 there=$2/team/report:1.0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tallyman() { ${TALLYMAN:-npm run --silent tallyman --} "$@"; }

# Push three files, and attach an SBOM to what they became.
echo 'All tests passed.' >"$work/report.txt"
echo '{ "passed": 128, "failed": 0 }' >"$work/results.json"
mkdir "$work/logs" && date >"$work/logs/build.log"
echo '{ "spdxVersion": "SPDX-2.3" }' >"$work/report.spdx.json"
tallyman push "$here" --artifact-type application/vnd.example.report \
  "$work/report.txt:text/plain" "$work/results.json:application/json" "$work/logs"
tallyman attach "$here" --artifact-type application/spdx+json "$work/report.spdx.json:application/spdx+json"

# Copy the whole graph to another registry, and from there to a layout on the disk.
tallyman copy "$here" "$there" --referrers
tallyman copy "$there" "$work/layout:1.0" --referrers
tallyman check "$work/layout"
tallyman graph "$work/layout:1.0"

# Pull it back: every byte is the same.
tallyman pull "$work/layout:1.0" -o "$work/back"
for name in report.txt results.json logs/build.log; do cmp "$work/$name" "$work/back/$name"; done

# Delete it at both places, with what is attached to it.
tallyman delete "$here" --referrers
tallyman delete "$there" --referrers
echo "There and back: every byte is the same."
