// Named checks, one line each, and the closing line that tools/test reads.

export class Report {
  #passed = 0
  #failed = 0

  /** Counts one case; `detail` is shown when it failed, or always when it is a figure. */
  check(name, holds, detail = '') {
    if (holds) this.#passed++
    else this.#failed++
    console.log(`${holds ? 'ok    ' : 'FAILED'} ${name}${detail === '' ? '' : `: ${detail}`}`)
    return holds
  }

  get failed() {
    return this.#failed
  }

  /** The closing line; resolves to the exit status. */
  close() {
    console.log(`${this.#passed} passed, ${this.#failed} failed`)
    return this.#failed ? 1 : 0
  }
}

/** Runs `main` and turns an exception into a failed case, so that the closing line always comes. */
export async function runReport(main) {
  const report = new Report()
  try {
    await main(report)
  } catch (error) {
    report.check('ran to its end', false, error?.stack ?? String(error))
  }
  process.exitCode = report.close()
}
