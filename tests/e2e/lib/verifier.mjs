// A captcha service's siteverify, as far as tests need one: what it says of a token stands in the token.

import { createServer } from 'node:http'

const secret = 'a-secret-that-nobody-may-see'
export const siteKey = 'a-site-key'
const hostname = 'tickets.example'

export class Verifier {
  #server
  #used = new Set()
  #held = []
  /** What was asked, as forms. */
  asked = []

  static async create() {
    const verifier = new Verifier()
    verifier.#server = createServer((request, response) => void verifier.#answer(request, response))
    await new Promise((done) => verifier.#server.listen(0, '127.0.0.1', done))
    return verifier
  }

  get secret() {
    return secret
  }

  /** Settings of a box office that shows its captchas here. */
  get env() {
    return {
      no_proxy: '127.0.0.1',
      ONSALE_CAPTCHA_PROVIDER: 'turnstile',
      ONSALE_CAPTCHA_SITE_KEY: siteKey,
      ONSALE_CAPTCHA_SECRET: secret,
      ONSALE_CAPTCHA_HOSTNAME: hostname,
      ONSALE_CAPTCHA_URL: `http://127.0.0.1:${this.#server.address().port}/siteverify`,
    }
  }

  /** Lets those go whose token began with "held". */
  release() {
    for (const go of this.#held.splice(0)) go()
  }

  get held() {
    return this.#held.length
  }

  close() {
    this.release()
    this.#server.closeAllConnections()
    this.#server.close()
  }

  async #answer(request, response) {
    let body = ''
    for await (const part of request) body += part
    const form = Object.fromEntries(new URLSearchParams(body))
    this.asked.push(form)
    const say = (status, text) => response.writeHead(status, { 'Content-Type': 'application/json' }).end(text)
    const [kind] = form.response.split('-')
    if (kind === 'held') await new Promise((go) => this.#held.push(go))
    switch (kind) {
      case 'silent':
        return
      case 'broken':
        return say(500, this.#verdict(form))
      case 'garbage':
        return say(200, '<html>{"success":true}')
      case 'endless':
        return say(200, `{"success":true,"hostname":"${hostname}","x":"${'x'.repeat(200_000)}"}`)
      case 'cut':
        response.writeHead(200, { 'Content-Length': 4000 }).write('{"success":true,')
        return void setTimeout(() => response.destroy(), 50)
      case 'elsewhere':
        return say(200, '{"success":true,"hostname":"evil.example"}')
      default:
        return say(200, this.#verdict(form))
    }
  }

  #verdict(form) {
    const wrong = (code) => JSON.stringify({ success: false, 'error-codes': [code] })
    if (form.secret !== secret) return wrong('invalid-input-secret')
    if (!/^(yes|held)-/.test(form.response)) return wrong('invalid-input-response')
    if (this.#used.has(form.response)) return wrong('timeout-or-duplicate')
    this.#used.add(form.response)
    return JSON.stringify({ success: true, hostname, 'error-codes': [] })
  }
}
