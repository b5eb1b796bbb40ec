// A small HTTP/1.1 client for load: one connection, one request at a time, kept alive. Node's own
// client costs several times as much a request, and ten thousand buyers share one process here.

import net from 'node:net'

/** A lost answer: the request may or may not have had its effect. */
export class Lost extends Error {}

export class Client {
  #port
  #host
  #socket = null
  #chunks = []
  #waiting = null
  #timeoutMs

  constructor(port, { host = '127.0.0.1', timeoutMs = 30_000 } = {}) {
    this.#port = port
    this.#host = host
    this.#timeoutMs = timeoutMs
  }

  get port() {
    return this.#port
  }

  /**
   * @returns {Promise<{status: number, headers: Record<string, string>, text: string, json: any}>}
   * Rejects with Lost when no whole answer came. One call at a time.
   */
  async request(method, path, { token, key, json, body, type, headers = {} } = {}) {
    const payload = json === undefined ? body : JSON.stringify(json)
    let head = `${method} ${path} HTTP/1.1\r\nHost: ${this.#host}:${this.#port}\r\n`
    if (token) head += `Authorization: Bearer ${token}\r\n`
    if (key) head += `Idempotency-Key: ${key}\r\n`
    for (const [name, value] of Object.entries(headers)) head += `${name}: ${value}\r\n`
    if (payload !== undefined) {
      head += `Content-Type: ${type ?? 'application/json'}\r\nContent-Length: ${Buffer.byteLength(payload)}\r\n`
    } else if (method === 'POST' || method === 'PATCH') {
      head += 'Content-Length: 0\r\n'
    }
    const bytes = `${head}\r\n${payload ?? ''}`
    if (!this.#socket) await this.#connect()
    return this.#exchange(bytes, method)
  }

  close() {
    this.#socket?.destroy()
    this.#socket = null
  }

  #connect() {
    return new Promise((resolve, reject) => {
      const socket = net.connect({ port: this.#port, host: this.#host, noDelay: true })
      const fail = (error) => {
        const lost = new Lost(error?.code ?? 'connection closed')
        reject(lost)
        if (this.#socket !== socket) return // an old connection says nothing about the new one
        const waiting = this.#waiting
        this.#socket = null
        this.#waiting = null
        waiting?.reject(lost)
      }
      socket.setTimeout(this.#timeoutMs, () => socket.destroy(new Lost('timeout')))
      socket.once('connect', () => {
        this.#socket = socket
        this.#chunks = []
        resolve()
      })
      socket.on('data', (chunk) => this.#read(chunk))
      socket.on('error', fail)
      socket.on('close', () => fail(null))
    })
  }

  #exchange(bytes, method) {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject, method }
      this.#socket.write(bytes)
    })
  }

  #read(chunk) {
    this.#chunks.push(chunk)
    const all = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks)
    this.#chunks = [all]
    const end = all.indexOf('\r\n\r\n')
    if (end < 0 || !this.#waiting) return
    const lines = all.latin1Slice(0, end).split('\r\n')
    const status = Number(lines[0].slice(9, 12))
    const headers = {}
    for (let i = 1; i < lines.length; i++) {
      const colon = lines[i].indexOf(':')
      headers[lines[i].slice(0, colon).toLowerCase()] = lines[i].slice(colon + 1).trim()
    }
    let raw
    if (headers['transfer-encoding'] === 'chunked') {
      raw = wholeChunks(all, end + 4)
      if (!raw) return
    } else {
      const empty = this.#waiting.method === 'HEAD' || status === 204 || status === 304
      const length = empty ? 0 : Number(headers['content-length'] ?? 0)
      if (all.length < end + 4 + length) return
      raw = all.subarray(end + 4, end + 4 + length)
    }
    const waiting = this.#waiting
    this.#waiting = null
    this.#chunks = []
    if (headers.connection?.toLowerCase() === 'close') this.close()
    const text = raw.toString('utf8')
    waiting.resolve({
      status,
      headers,
      text,
      raw,
      get json() {
        return text === '' ? null : JSON.parse(text)
      },
    })
  }
}

function wholeChunks(all, from) {
  const parts = []
  for (let at = from; ; ) {
    const line = all.indexOf('\r\n', at)
    if (line < 0) return null
    const size = Number.parseInt(all.latin1Slice(at, line), 16)
    if (all.length < line + 2 + size + 2) return null
    if (size === 0) return Buffer.concat(parts)
    parts.push(all.subarray(line + 2, line + 2 + size))
    at = line + 2 + size + 2
  }
}
