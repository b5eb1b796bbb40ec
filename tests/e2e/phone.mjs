// tools/run-phone as `make run-phone` starts it, on loopback: what a phone that trusts its certificate
// sees, up to a ticket that was paid for.

import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import https from 'node:https'
import http from 'node:http'
import net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { runReport } from './lib/report.mjs'
import { binary, top } from './lib/server.mjs'

const api = '/api/v1'

/** Six neighbouring ports that nobody listens on, below those that the kernel gives away by itself. */
async function sixPorts() {
  const free = (port) =>
    new Promise((resolve) => {
      const server = net.createServer()
      server.once('error', () => resolve(false))
      server.listen(port, () => server.close(() => resolve(true)))
    })
  for (let attempt = 0; attempt < 100; attempt++) {
    const first = 20_000 + Math.floor(Math.random() * 12_000)
    const all = await Promise.all([0, 1, 2, 3, 4, 5].map((i) => free(first + i)))
    if (all.every(Boolean)) return first
  }
  throw new Error('no six neighbouring free ports')
}

class Phone {
  constructor(folder, port, inner) {
    Object.assign(this, { folder, port, inner, output: '' })
    this.process = spawn(path.join(top, 'tools/run-phone'), [], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, HOST: '127.0.0.1', PORT: String(port), INNER: String(inner), DATA: folder, E2E_BINARY: binary },
    })
    for (const stream of [this.process.stdout, this.process.stderr]) stream.on('data', (chunk) => (this.output += chunk))
    this.ended = new Promise((resolve) => this.process.once('close', (code) => resolve(code)))
  }

  async ready() {
    for (let look = 0; look < 600 && !this.output.includes('Ctrl-C ends'); look++) {
      if (this.process.exitCode !== null) throw new Error(`run-phone ended: ${this.output}`)
      await sleep(100)
    }
    this.ca = readFileSync(path.join(this.folder, 'ca.crt'))
  }

  /** One request as a phone sends it that trusts this authority and no other. */
  ask(method, url, { json, headers = {}, type = 'application/json' } = {}) {
    const body = typeof json === 'string' || json === undefined ? json : JSON.stringify(json)
    const client = url.startsWith('https:') ? https : http
    return new Promise((resolve, reject) => {
      const request = client.request(url, { method, ca: this.ca, headers: { ...(body && { 'content-type': type }), ...headers } }, (answer) => {
        const chunks = []
        answer.on('data', (chunk) => chunks.push(chunk))
        answer.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          resolve({ status: answer.statusCode, headers: answer.headers, text, get json() { return JSON.parse(text) } })
        })
      })
      request.once('error', reject)
      request.end(body)
    })
  }

  shop(method, where, options) {
    return this.ask(method, `https://127.0.0.1:${this.port}${where}`, options)
  }
}

async function look(report, phone) {
  report.check('shows a QR code and what the phone will ask', /[▀▄█]{4}/.test(phone.output) && phone.output.includes('iPhone'))
  const page = await phone.shop('GET', '/')
  report.check('serves the shop over TLS that its authority vouches for', page.status === 200 && page.text.includes('<main'), `${page.status}`)
  report.check(
    'whose addresses are those that the phone knows',
    page.text.includes(`<link rel="canonical" href="https://127.0.0.1:${phone.port}/">`),
  )
  const given = await phone.ask('GET', `http://127.0.0.1:${phone.port + 1}/ca.crt`)
  report.check('gives the authority away without TLS', given.status === 200 && given.headers['content-type'] === 'application/x-x509-ca-cert')
  const lost = await phone.ask('GET', `http://127.0.0.1:${phone.port + 1}/events/x`)
  report.check('and sends everything else there to the shop', lost.headers.location === `https://127.0.0.1:${phone.port}/`, lost.headers.location)
  const bank = await phone.ask('GET', `http://127.0.0.1:${phone.port + 2}/sandbox/bank/pi_x`)
  report.check(
    'a link to the bank that says http comes to the same page over TLS',
    bank.status === 307 && bank.headers.location === `https://127.0.0.1:${phone.port + 2}/sandbox/bank/pi_x`,
    `${bank.status} ${bank.headers.location}`,
  )
}

async function events(phone) {
  for (let i = 0; i < 200; i++) {
    const { items } = (await phone.shop('GET', `${api}/events`)).json
    const found = items.find((event) => event.status === 'on_sale' && event.name.includes('Night Bus'))
    if (found) return found
    await sleep(200)
  }
  throw new Error('the demo has no events')
}

async function buy(report, phone) {
  const event = await events(phone)
  const page = await phone.shop('GET', `/events/${event.id}`)
  const policy = page.headers['content-security-policy']
  const session = await phone.shop('POST', `${api}/sessions`)
  const [cookie] = session.headers['set-cookie']
  report.check(
    'the session is a __Host- cookie',
    /^__Host-onsale_session=[^;]+; Path=\/;/.test(cookie) && /; Secure(;|$)/.test(cookie) && /HttpOnly/.test(cookie) && !/Domain/i.test(cookie),
    cookie.replace(/=[^;]+/, '=...'),
  )
  const own = { cookie: cookie.split(';')[0], 'idempotency-key': 'phone-1', origin: `https://127.0.0.1:${phone.port}` }
  const held = await phone.shop('POST', `${api}/events/${event.id}/holds`, { json: { best: { quantity: 1 } }, headers: own })
  report.check('a hold by that cookie, from the phone’s own page', held.status === 201, `${held.status}`)
  const foreign = await phone.shop('POST', `${api}/events/${event.id}/holds`, {
    json: { best: { quantity: 1 } },
    headers: { ...own, 'idempotency-key': 'phone-2', origin: 'https://evil.example' },
  })
  report.check('but not from a page of others', foreign.status === 403, `${foreign.status}`)
  const ordered = await phone.shop('POST', `${api}/events/${event.id}/orders`, {
    json: { hold_id: held.json.id, email: 'phone@onsale.example' },
    headers: { ...own, 'idempotency-key': 'phone-3' },
  })
  const { payment, id } = ordered.json
  const base = `https://127.0.0.1:${phone.port + 2}`
  report.check('pays over TLS, as the page’s policy allows', payment?.api_base === base && policy.includes(`connect-src 'self' ${base}`), payment?.api_base)
  const intent = payment.client_secret.split('_secret_')[0]
  const paid = await phone.ask('POST', `${base}/v1/payment_intents/${intent}/confirm`, {
    json: `client_secret=${payment.client_secret}&payment_method=pm_card_visa`,
    type: 'application/x-www-form-urlencoded',
    headers: { authorization: `Bearer ${payment.publishable_key}`, origin: `https://127.0.0.1:${phone.port}` },
  })
  report.check('the provider answers pages of the shop', paid.status === 200 && paid.headers['access-control-allow-origin'] !== undefined, `${paid.status}`)
  let order
  for (let i = 0; i < 100 && !order?.tickets?.length; i++) {
    order = (await phone.shop('GET', `${api}/events/${event.id}/orders/${id}`, { headers: own })).json
    await sleep(100)
  }
  report.check('and the ticket is there', order.tickets?.length === 1, order.state)
}

await runReport(async (report) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'onsale-phone-'))
  const port = await sixPorts()
  const phone = new Phone(folder, port, port + 4)
  try {
    await phone.ready()
    await look(report, phone)
    await buy(report, phone)
    phone.process.kill('SIGTERM')
    report.check('ends with everything it started', (await phone.ended) === 0 && !existsSync(path.join(folder, 'nginx.pid')))
    const gone = await phone.shop('GET', '/health').catch((error) => error.code)
    report.check('and nobody listens any more', gone === 'ECONNREFUSED', String(gone))
  } finally {
    phone.process.kill('SIGTERM')
    await phone.ended
    rmSync(folder, { recursive: true, force: true })
  }
})
