// Starts the real program on a free pair of ports (the sandbox provider listens on port + 1) with a
// data folder of its own, and stops it. E2E_BINARY names another build, E2E_KEEP=1 keeps what a failed
// run left.

import { spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { Client } from './client.mjs'

export const top = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..')
export const binary = process.env.E2E_BINARY ?? path.join(top, 'build/onsale')
export const adminToken = 'an-organiser-token-for-tests-0123456789'

/** Two neighbouring ports that nobody listens on. */
export async function freePorts() {
  for (let attempt = 0; attempt < 50; attempt++) {
    const first = await listen(0)
    const { port } = first.address()
    const second = port < 65535 ? await listen(port + 1).catch(() => null) : null
    await Promise.all([first, second].map((s) => s && new Promise((done) => s.close(done))))
    if (second) return port
  }
  throw new Error('no two neighbouring free ports')
}

function listen(port) {
  return new Promise((resolve, reject) => {
    const server = net.createServer()
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
}

export class Server {
  #process = null
  #log

  constructor({ port, folder, env, command }) {
    this.command = command
    this.port = port
    this.folder = folder
    this.data = path.join(folder, 'data')
    this.env = env
    this.logFile = path.join(folder, 'server.log')
    this.#log = openSync(this.logFile, 'a')
  }

  /** A server in a new folder under the temporary directory, not yet started. */
  static async create({ env = {}, name = 'e2e', command = ['serve', '--sandbox'] } = {}) {
    const folder = mkdtempSync(path.join(tmpdir(), `onsale-${name}-`))
    return new Server({ port: await freePorts(), folder, env, command })
  }

  /** Starts the program and waits until it is ready; resolves with how long that took, in ms. */
  async start(options) {
    this.spawn()
    return this.ready(options)
  }

  spawn() {
    const child = spawn(
      binary,
      [...this.command, '--data', this.data, '--listen', `127.0.0.1:${this.port}`],
      {
        cwd: top,
        stdio: ['ignore', this.#log, this.#log], // not through this process, which has enough to do
        env: { ...process.env, ONSALE_ADMIN_TOKEN: adminToken, ONSALE_LIMIT_NETWORK_PER_SECOND: '0', ...this.env },
      },
    )
    this.#process = child
    this.crashed = null
    child.ended = new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal })))
    child.ended.then(({ code, signal }) => {
      // nobody asked it to end
      if (this.#process === child) this.crashed = `the server ended by itself with ${code ?? signal}:\n${this.lastLog()}`
    })
    child.once('error', () => {})
  }

  async ready({ patienceMs = 60_000 } = {}) {
    const began = performance.now()
    const child = this.#process
    const client = new Client(this.port, { timeoutMs: 2000 })
    try {
      while (performance.now() - began < patienceMs) {
        if (this.crashed) throw new Error(this.crashed)
        if (child.pid === undefined) throw new Error(`${binary} cannot be run; make build makes it`)
        const answer = await client.request('GET', '/health').catch(() => null)
        if (answer?.status === 200) return performance.now() - began
        await sleep(10)
      }
    } finally {
      client.close()
    }
    throw new Error(`the server was not ready within ${patienceMs} ms:\n${this.lastLog()}`)
  }

  get pid() {
    return this.#process?.pid
  }

  /** kill -9, and waits until the process is gone. */
  async kill() {
    const child = this.#process
    this.#process = null
    child.kill('SIGKILL')
    return child.ended
  }

  /** SIGTERM, and waits for the drain; kills after 30 s. Resolves with {code, signal}. */
  async stop() {
    const child = this.#process
    if (!child) return { code: 0, signal: null }
    this.#process = null
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), 30_000)
    const result = await child.ended
    clearTimeout(timer)
    return result
  }

  lastLog(lines = 20) {
    try {
      return readFileSync(this.logFile, 'utf8').split('\n').slice(-lines).join('\n')
    } catch {
      return ''
    }
  }

  /** Removes the folder; keeps it when `keep` says that something is to be looked at. */
  remove(keep = false) {
    closeSync(this.#log)
    if (keep && process.env.E2E_KEEP) console.log(`kept: ${this.folder}`)
    else rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Runs the program to its end: {code, output}. */
export function runOnsale(args, { env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(binary, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.on('data', (text) => (output += text))
    child.stderr.on('data', (text) => (output += text))
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, output }))
  })
}
