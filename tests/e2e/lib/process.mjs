// What a process uses, as Linux tells it.

import { readFileSync } from 'node:fs'

const ticksPerSecond = 100 // USER_HZ, fixed on Linux

/** Memory in use now. */
export function residentBytes(pid) {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024
}

/** CPU time of all its threads, user and system. */
export function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}
