// What a test that kills servers needs: complaints by kind, the server's lifetimes as a client knows
// them, and a gate where workers stop between two requests.

/** Complaints by kind; each kind becomes one case of the report. */
export class Findings {
  #byKind = new Map()

  add(kind, what) {
    const list = this.#byKind.get(kind) ?? []
    list.push(what)
    this.#byKind.set(kind, list)
    if (list.length <= 5) console.log(`  ${kind}: ${what}`)
  }

  report(report, kind, name, figures = '') {
    const list = this.#byKind.get(kind) ?? []
    report.check(name, list.length === 0, list.length ? `${list.length} times, first: ${list[0]}` : figures)
  }
}

/** When the server was alive, as far as a client can tell; all in ms of one clock. */
export class Lifetimes {
  #lives = []

  get count() {
    return this.#lives.length
  }

  begin(spawnedAt) {
    this.#lives.push({ spawnedAt, readyAt: Infinity, killedAt: Infinity })
  }

  ready(at) {
    this.#lives.at(-1).readyAt = at
  }

  end(at) {
    this.#lives.at(-1).killedAt = at
  }

  /** Least and most time the server may have counted between two moments. */
  between(from, to) {
    let least = 0
    let most = 0
    for (const { spawnedAt, readyAt, killedAt } of this.#lives) {
      least += Math.max(0, Math.min(to, killedAt) - Math.max(from, readyAt))
      most += Math.max(0, Math.min(to, killedAt) - Math.max(from, spawnedAt))
    }
    return { least, most }
  }
}

/** Workers pass between requests; while it is closed they wait, and the last to come rings. */
export class Gate {
  #open = true
  #inside = 0
  #waiting = []
  #quiet = null

  enter() {
    this.#inside++
  }

  leave() {
    this.#inside--
    this.#ring()
  }

  async pass() {
    if (this.#open) return
    await new Promise((resolve) => {
      this.#waiting.push(resolve)
      this.#ring()
    })
  }

  /** Resolves when every worker waits. */
  close() {
    this.#open = false
    return new Promise((resolve) => {
      this.#quiet = resolve
      this.#ring()
    })
  }

  open() {
    this.#open = true
    this.#quiet = null
    for (const go of this.#waiting.splice(0)) go()
  }

  #ring() {
    if (!this.#open && this.#waiting.length === this.#inside) this.#quiet?.()
  }
}
