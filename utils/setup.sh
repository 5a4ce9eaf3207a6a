#!/usr/bin/env bash
# Installs what utils/packages.txt names and this machine lacks. Touches neither network nor apt if nothing is missing.
set -euo pipefail
list="$(dirname "$0")/packages.txt"

missing=()
while read -r package; do
  status=$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null || true)
  [[ $status == "install ok installed" ]] || missing+=("$package")
done < <(grep -v '^#' "$list")
[[ ${#missing[@]} -eq 0 ]] && exit 0

if ! command -v apt-get >/dev/null; then
  printf 'error: these Debian 12 packages (or what your system calls them) are missing:\n  %s\n' "${missing[*]}" >&2
  exit 1
fi
as_root=()
if [[ $(id -u) -ne 0 ]]; then
  if ! command -v sudo >/dev/null; then
    {
      echo "error: packages are missing and installing them needs root, but you are not root and there is no sudo."
      echo "Ask somebody who is root to run:"
      echo "  apt-get update && apt-get install --no-install-recommends ${missing[*]}"
    } >&2
    exit 1
  fi
  as_root=(sudo)
fi
echo "Installing ${#missing[@]} packages: ${missing[*]}" >&2
apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300)
if ! "${as_root[@]}" "${apt[@]}" update || ! "${as_root[@]}" "${apt[@]}" install -y --no-install-recommends "${missing[@]}"; then
  {
    echo "error: apt-get could not install: ${missing[*]}"
    echo "LLVM 22 is in Debian 12's security suite (bookworm-security); check that it is among apt's sources, that the"
    echo "network is there, and that ${as_root[*]:-root} may install."
  } >&2
  exit 1
fi
