#!/usr/bin/env bash
# Fails, and says why, when the program FILE lacks a protection.
set -euo pipefail
file=$1
faults=0
fault() {
  echo "$file: $1"
  faults=1
}
headers=$(readelf -W -h -l "$file")
dynamic=$(readelf -W -d "$file")
symbols=$(readelf -W -s "$file")

grep -q 'Type:.*DYN' <<<"$headers" || fault 'is not position-independent'
grep -q 'FLAGS_1.*PIE' <<<"$dynamic" || fault 'is no PIE'
grep -q 'GNU_RELRO' <<<"$headers" || fault 'has no RELRO'
grep -q 'FLAGS.*NOW' <<<"$dynamic" || fault 'binds lazily: RELRO is not full'
grep -q 'GNU_STACK.* RW ' <<<"$headers" || fault 'has an executable stack'
! grep -q 'LOAD.* RWE ' <<<"$headers" || fault 'has a segment to write and run'
grep -q '__stack_chk_fail' <<<"$symbols" || fault 'has no stack protector'
grep -Eq ' __(mem|str|sn?printf|vsn?printf|read|recv|fdelt|pread)[a-z]*_chk' \
  <<<"$symbols" || fault 'is not built with FORTIFY'
! grep -Eq '\((RPATH|RUNPATH|TEXTREL)\)' <<<"$dynamic" \
  || fault 'looks for libraries elsewhere, or relocates its code'
if [[ $(uname -m) == x86_64 ]]; then
  # Where a function begins, an indirect jump may land (CET).
  objdump -d --no-show-raw-insn --disassemble=main "$file" \
    | grep -A1 '<main>:' | grep -q endbr64 || fault 'is built without CET'
fi
exit $faults
