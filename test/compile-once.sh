#!/bin/sh
# A compiler that compiles the same C with the same flags once: run-tests.ts puts it before the compilers it stands for, under
# their names, in a folder that it makes and removes: nothing is taken from another run.
# Only what cannot be told from a fresh object is kept: `-c` of one file, whose headers lie below the current folder, without a
# warning, debug information (it holds the folder's name) or a file that the assembler reads.
programs=$(dirname "$0")
name=$(basename "$0")
real=''
before=$IFS
IFS=:
for folder in $PATH; do
  if [ "$folder" != "$programs" ] && [ -x "$folder/$name" ]; then
    real=$folder/$name
    break
  fi
done
IFS=$before
if [ -z "$real" ]; then
  echo "$name: not found" >&2
  exit 127
fi
compiles='' source='' object='' last='' words=''
for word in "$@"; do
  if [ "$last" = -o ]; then object=$word; else words="$words$word
"; fi
  case $word in
    -c) compiles=yes ;;
    *.c) if [ -z "$source" ]; then source=$word; else exec "$real" "$@"; fi ;;
    -I. | -O*) ;;
    [!-]*) [ "$last" = -o ] || exec "$real" "$@" ;;
    -I* | -i* | -x* | -g* | -M* | -S | -E | -fcallgraph-info* | -save-temps* | @*) exec "$real" "$@" ;;
  esac
  last=$word
done
case $source in /* | *../*) exec "$real" "$@" ;; esac
if [ -z "$compiles" ] || [ -z "$source" ] || [ -z "$object" ]; then exec "$real" "$@"; fi
# A folder of many models is compiled once anyway.
if [ "$(find . -name '*.[ch]' | wc -l)" -gt 150 ] || grep -q '\.incbin' "$source"; then exec "$real" "$@"; fi
key=$({ printf '%s\n%s' "$real" "$words"; find . -name '*.[ch]' -print0 | sort -z | xargs -0 sha256sum; } | sha256sum)
kept=$programs/../objects/${key%% *}
if [ -f "$kept.o" ]; then
  if [ -f "$kept.su" ]; then cp "$kept.su" "${object%.o}.su"; fi
  exec cp "$kept.o" "$object"
fi
"$real" "$@" 2>"$kept.$$"
status=$?
cat "$kept.$$" >&2
if [ "$status" -eq 0 ] && [ ! -s "$kept.$$" ]; then
  if [ -f "${object%.o}.su" ]; then cp "${object%.o}.su" "$kept.su"; fi
  # Whole, or not there for the compilers beside this one.
  cp "$object" "$kept.$$" && mv "$kept.$$" "$kept.o"
fi
exit "$status"
