#!/usr/bin/env bash
# Installs what utils/python_packages.txt names in .cache/python, once for each version of that list. Does nothing, and
# needs no network, if that is there.
set -euo pipefail
cd "$(dirname "$0")/.."
list=utils/python_packages.txt
target=.cache/python
cmp -s "$list" "$target/installed.txt" && exit 0
# Beside the place first, so that what is there is whole.
mkdir -p .cache
new=$(mktemp -d .cache/python.XXXXXX)
trap 'rm -rf "$new"' EXIT
if ! python3 -m pip install -q --disable-pip-version-check --target "$new" -r "$list"; then
  echo "error: pip could not install what $list names from PyPI; check the network and try again." >&2
  exit 1
fi
cp "$list" "$new/installed.txt"
rm -rf "$target"
mv "$new" "$target"
