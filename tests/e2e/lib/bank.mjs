// The sandbox payment provider as a process of its own, with books that outlive the server's.

import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { Client } from './client.mjs'
import { binary, freePorts, top } from './server.mjs'

export class Bank {
  #process = null
  #log
  #faults = []

  constructor({ folder, port, webhookPort, name, seed }) {
    this.port = port
    this.name = name
    this.seed = seed
    this.webhook = `http://127.0.0.1:${webhookPort}/api/v1/webhooks/stripe`
    this.data = path.join(folder, name)
    mkdirSync(this.data, { recursive: true })
    this.#log = openSync(path.join(folder, `${name}.log`), 'a')
    this.keys = { secret: `sk_test_${name}`, publishable: `pk_test_${name}`, webhook: `whsec_${name}` }
  }

  static async create(options) {
    return new Bank({ port: await freePorts(), seed: 1, ...options })
  }

  get base() {
    return `http://127.0.0.1:${this.port}`
  }

  /** Settings of a box office that has its payments here; `prefix` is that of the first or second account. */
  env(prefix = 'STRIPE') {
    return {
      no_proxy: '127.0.0.1',
      [`ONSALE_${prefix}_SECRET_KEY`]: this.keys.secret,
      [`ONSALE_${prefix}_PUBLISHABLE_KEY`]: this.keys.publishable,
      [`ONSALE_${prefix}_WEBHOOK_SECRET`]: this.keys.webhook,
      [`ONSALE_${prefix}_API_BASE`]: this.base,
    }
  }

  async start() {
    const { secret, publishable, webhook } = this.keys
    const child = spawn(
      binary,
      ['sandbox-payments', '--listen', `127.0.0.1:${this.port}`, '--data', this.data, '--webhook', this.webhook,
        '--webhook-secret', webhook, '--secret-key', secret, '--publishable-key', publishable, '--seed', String(this.seed)],
      { cwd: top, stdio: ['ignore', this.#log, this.#log], env: { ...process.env, no_proxy: '127.0.0.1' } },
    )
    child.ended = new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal })))
    child.once('error', () => {})
    this.#process = child
    if (child.pid === undefined) throw new Error(`${binary} cannot be run; make build makes it`)
    for (const began = performance.now(); performance.now() - began < 30_000; await sleep(20)) {
      const answer = await this.ask('GET', '/sandbox/faults').catch(() => null)
      if (answer?.status === 200) return this.#addFaults()
    }
    throw new Error(`the provider ${this.name} does not start`)
  }

  async kill() {
    const child = this.#process
    this.#process = null
    child?.kill('SIGKILL')
    await child?.ended
  }

  close() {
    closeSync(this.#log)
  }

  /** One request on a connection of its own. */
  async ask(method, where, json) {
    const client = new Client(this.port, { timeoutMs: 20_000 })
    try {
      return await client.request(method, where, { json })
    } finally {
      client.close()
    }
  }

  /** These faults from now on, over restarts too. */
  async setFaults(faults) {
    this.#faults = faults
    await this.insist('DELETE', '/sandbox/faults')
    return this.#addFaults()
  }

  async #addFaults() {
    for (const fault of this.#faults) {
      const answer = await this.insist('POST', '/sandbox/faults', fault)
      if (answer.status >= 400) throw new Error(`fault ${JSON.stringify(fault)}: ${answer.status} ${answer.text}`)
    }
  }

  /** Asks again while nobody listens (fault `down`). */
  async insist(method, where, json) {
    for (let attempt = 0; attempt < 600; attempt++) {
      const answer = await this.ask(method, where, json).catch(() => null)
      if (answer) return answer
      await sleep(50)
    }
    throw new Error(`the provider ${this.name} does not answer ${method} ${where}`)
  }

  async books() {
    return (await this.insist('GET', '/sandbox/books')).json
  }
}
