#!/bin/sh
# Runs every fuzzer for SECONDS (default 60) under ASan and UBSan; a finding ends the run with exit
# code 1 and leaves its input in the build folder.
#
#   tests/fuzz/run.sh [SECONDS]        BUILD=folder to build in (default build-fuzz)
set -eu
seconds=${1:-60}
top=$(cd "$(dirname "$0")/../.." && pwd)
build=${BUILD:-$top/build-fuzz}
[ -f "$build/build.ninja" ] ||
    CC=clang meson setup "$build" "$top" -Db_sanitize=address,undefined -Db_lundef=false >/dev/null
for source in "$top"/tests/fuzz/fuzz_*.c; do
    name=$(basename "$source" .c)
    ninja -C "$build" "tests/fuzz/$name" >/dev/null
    mkdir -p "$build/corpus/$name"
    seeds="$top/tests/fuzz/seeds/$name"
    mkdir -p "$build/findings"
    dictionary=
    [ -f "$top/tests/fuzz/$name.dict" ] && dictionary="-dict=$top/tests/fuzz/$name.dict"
    echo "== $name, $seconds s"
    UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 "$build/tests/fuzz/$name" -max_total_time="$seconds" -max_len=16384 -timeout=10 \
        -print_final_stats=1 -verbosity=0 $dictionary -artifact_prefix="$build/findings/$name-" \
        "$build/corpus/$name" $([ -d "$seeds" ] && echo "$seeds")
done
