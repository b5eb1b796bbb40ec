// A clock that a test moves while the server runs, and a disk that it fills: see clock.c.

import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const source = path.join(path.dirname(fileURLToPath(import.meta.url)), 'clock.c')

export class MovedClock {
  #folder = mkdtempSync(path.join(tmpdir(), 'onsale-clock-'))
  #file
  #moved = [0n, 0n, 0n]

  constructor() {
    const library = path.join(this.#folder, 'clock.so')
    const values = path.join(this.#folder, 'clock')
    execFileSync(process.env.CC ?? 'cc', ['-O1', '-shared', '-fPIC', '-o', library, source, '-ldl'])
    writeFileSync(values, Buffer.alloc(24))
    this.#file = openSync(values, 'r+')
    /** For the server's environment. */
    this.env = { LD_PRELOAD: library, TEST_CLOCK_FILE: values }
  }

  /** Time passes: all clocks go on by so many seconds at once. */
  pass(seconds) {
    this.#moved[0] += BigInt(seconds) * 1_000_000_000n
    this.#write()
  }

  /** Only the wall clock is set, forward or back, as an operator or NTP does. */
  set(seconds) {
    this.#moved[1] += BigInt(seconds) * 1_000_000_000n
    this.#write()
  }

  /** The disk is full from now on, or has room again. */
  fill(full) {
    this.#moved[2] = full ? 1n : 0n
    this.#write()
  }

  #write() {
    const bytes = Buffer.alloc(24)
    this.#moved.forEach((value, i) => bytes.writeBigInt64LE(value, 8 * i))
    writeSync(this.#file, bytes, 0, 24, 0)
  }

  remove() {
    closeSync(this.#file)
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
