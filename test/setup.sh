#!/usr/bin/env bash
# `npm run setup`: installs the compilers and emulators the tests need. Asks first on a terminal; --yes does not ask.
set -euo pipefail

packages=(gcc libc6-dev make cmake ccache gcc-aarch64-linux-gnu libc6-dev-arm64-cross gcc-arm-linux-gnueabihf libc6-dev-armhf-cross qemu-user clang-16 lld-16 libclang-rt-16-dev
  dataset-fashion-mnist libxml2-utils cppcheck chromium-headless-shell
  gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm
  gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf qemu-system-misc)

if [ "$(uname -s)" = Darwin ]; then
  echo 'macOS: install the command line tools (xcode-select --install) and: brew install llvm qemu ccache'
  exit 0
fi
if ! command -v apt-get >/dev/null; then
  echo "install with your package manager what Debian calls: ${packages[*]}" >&2
  exit 1
fi
missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  echo "to install: ${missing[*]}"
  if [ "${1:-}" != --yes ] && [ -t 0 ] && [ -z "${CI:-}" ]; then
    read -r -p 'go on? [y/N] ' answer
    [ "$answer" = y ] || [ "$answer" = Y ] || exit 1
  fi
  sudo=()
  [ "$(id -u)" -eq 0 ] || sudo=(sudo)
  "${sudo[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi
gcc --version | head -1
clang-16 --version | head -1
aarch64-linux-gnu-gcc --version | head -1
arm-linux-gnueabihf-gcc --version | head -1
qemu-aarch64 --version | head -1
arm-none-eabi-gcc --version | head -1
qemu-system-arm --version | head -1
riscv64-unknown-elf-gcc --version | head -1
qemu-system-riscv32 --version | head -1
chromium-headless-shell --version | head -1
