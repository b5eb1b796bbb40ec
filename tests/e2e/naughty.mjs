// Naughty strings: each of the 461 texts that have broken software before, in every text field of
// every route, over real HTTP. No answer may be a 5xx, none may be missing, and what is accepted must
// come back byte by byte.
//
//   tests/e2e/naughty                       starts its own server
//   tests/e2e/naughty BASE-URL ADMIN-TOKEN  uses one that runs (its rate limits must be off)

import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

import { Client } from './lib/client.mjs'
import { runReport } from './lib/report.mjs'
import { Server, adminToken, top } from './lib/server.mjs'

const api = '/api/v1'
const shared = process.env.ONSALE_SHARED ?? path.join(top, '../shared/data')
const file = path.join(shared, 'naughty_strings/blns.json')

/** What happened to one field: how many were taken, refused, and the faults. */
class Field {
  constructor(name) {
    this.name = name
    this.taken = 0
    this.refused = 0
    this.faults = []
  }

  /** `back` is what came back of the text, when it was taken. */
  note(text, answer, back) {
    const shown = JSON.stringify(text).slice(0, 60)
    if (answer.status >= 500) this.faults.push(`${answer.status} for ${shown}`)
    else if (answer.status >= 400) {
      this.refused++
      if (typeof answer.json?.code !== 'string') this.faults.push(`no problem code for ${shown}`)
    } else {
      this.taken++
      if (back !== undefined && back !== text) this.faults.push(`${shown} came back as ${JSON.stringify(back)?.slice(0, 60)}`)
    }
  }
}

class House {
  constructor(report, client, admin, strings) {
    Object.assign(this, { report, client, admin, strings })
  }

  /** Tries every string in one field. `send` answers {answer, back?}. */
  async field(name, send) {
    const field = new Field(name)
    for (const text of this.strings) {
      const { answer, back } = await send(text)
      field.note(text, answer, back)
    }
    this.report.check(name, field.faults.length === 0,
      field.faults.slice(0, 3).join('; ') || `${field.taken} taken, ${field.refused} refused`)
  }

  request(method, where, options) {
    return this.client.request(method, where, options)
  }

  definition(changes) {
    return {
      name: 'n', starts_at: '2031-05-01T20:00:00', timezone: 'Europe/Berlin', currency: 'EUR',
      venue: { name: 'v', city: 'c', country: 'DE' }, performers: ['p'], category: 'k',
      price_categories: [{ name: 'std', price: 0 }],
      areas: [{ id: 'a', name: 'A', capacity: 2, price_category: 0 }], ...changes,
    }
  }

  create(changes) {
    return this.request('POST', `${api}/organiser/events`, { token: this.admin, json: this.definition(changes) })
  }

  async session() {
    return (await this.request('POST', `${api}/sessions`)).json.token
  }
}

const plan = (text, where) => {
  const at = (name, usual) => (where === name ? text : usual)
  return {
    name: at('plan.name', 'p'), size: { width: 10, height: 10 },
    categories: [{ name: at('plan.category', 'std'), color: at('plan.color', '#fff') }],
    zones: [{ name: at('plan.zone', 'z'), position: { x: 0, y: 0 }, rows: [{
      row_number: at('plan.row', '1'), position: { x: 0, y: 0 },
      seats: [{ seat_guid: at('plan.guid', 'g'), seat_number: at('plan.number', '1'), position: { x: 1, y: 1 },
        category: at('plan.category', 'std') }],
    }] }],
  }
}

async function describing(house) {
  const read = async (answer, pick) =>
    answer.status === 201 ? pick((await house.request('GET', `${api}/events/${answer.json.id}`)).json) : undefined
  const fields = {
    'event.name': [(t) => ({ name: t }), (e) => e.name],
    'event.category': [(t) => ({ category: t }), (e) => e.category ?? ''],
    'event.performers': [(t) => ({ performers: [t] }), (e) => e.performers[0]],
    'event.timezone': [(t) => ({ timezone: t }), (e) => e.timezone],
    'event.starts_at': [(t) => ({ starts_at: t })],
    'event.currency': [(t) => ({ currency: t }), (e) => e.currency],
    'venue.name': [(t) => ({ venue: { name: t } }), (e) => e.venue.name],
    'venue.city': [(t) => ({ venue: { name: 'v', city: t } }), (e) => e.venue.city ?? ''],
    'venue.country': [(t) => ({ venue: { name: 'v', country: t } }), (e) => e.venue.country ?? ''],
    'price_categories.name': [(t) => ({ price_categories: [{ name: t, price: 0 }] }), (e) => e.price_categories[0].name],
    'price_categories.color': [(t) => ({ price_categories: [{ name: 's', price: 0, color: t }] }), (e) => e.price_categories[0].color ?? ''],
    'areas.id': [(t) => ({ areas: [{ id: t, name: 'A', capacity: 1, price_category: 0 }] }), (e) => e.areas[0].id],
    'areas.name': [(t) => ({ areas: [{ id: 'a', name: t, capacity: 1, price_category: 0 }] }), (e) => e.areas[0].name],
    'areas.price_category': [(t) => ({ areas: [{ id: 'a', name: 'A', capacity: 1, price_category: t }] })],
    'sale.opens_at': [(t) => ({ sale: { opens_at: t } })],
    'a member of the event': [(t) => ({ [t]: 1 })],
    blocked: [(t) => ({ blocked: [t] })],
    'allocations.id': [(t) => ({ allocations: [{ id: t }] })],
    'allocations.name': [(t) => ({ allocations: [{ id: 'a', name: t }] })],
    'allocations.code': [(t) => ({ allocations: [{ id: 'a', code: t }] })],
    'allocations.kind': [(t) => ({ allocations: [{ id: 'a', kind: t, area: t, quantity: 1 }] })],
    'quotas.categories': [(t) => ({ quotas: [{ categories: [t], limit: 1 }] })],
    'limits.single_seats': [(t) => ({ limits: { single_seats: t } })],
  }
  for (const where of ['plan.name', 'plan.category', 'plan.color', 'plan.zone', 'plan.row', 'plan.guid', 'plan.number']) {
    fields[where] = [(t) => ({
      plan: plan(t, where), areas: [],
      price_categories: [{ name: where === 'plan.category' ? t : 'std', price: 0 }],
    })]
  }
  for (const [name, [change, pick]] of Object.entries(fields)) {
    await house.field(name, async (text) => {
      const answer = await house.create(change(text))
      return { answer, back: pick && (await read(answer, pick)) }
    })
  }
}

/** An event's page: the same elements whatever its names are, and linked data that reads back as they were. */
async function pages(house) {
  const shape = (html) =>
    html.replace(/<script[^>]*>.*?<\/script>/gs, '<script>').match(/<[a-z/!][^\s>]*/gi).join('')
  const show = async (text) => {
    const answer = await house.create({ name: text, performers: [], venue: { name: text, city: text }, category: text, price_categories: [{ name: text, price: 0 }] })
    if (answer.status !== 201) return { answer }
    const page = await house.request('GET', `/events/${answer.json.id}`)
    const data = JSON.parse(/<script type="application\/ld\+json">(.*?)<\/script>/s.exec(page.text)?.[1] ?? '{}')
    return { answer, page, back: page.status === 200 ? data.name : page.status }
  }
  const plain = shape((await show('plain')).page.text)
  await house.field('the page of an event', async (text) => {
    const { answer, page, back } = await show(text)
    return { answer, back: page && shape(page.text) !== plain ? 'other elements' : back }
  })
}

async function asking(house, event) {
  const encoded = (text) => encodeURIComponent(text.toWellFormed?.() ?? text)
  for (const name of ['q', 'city', 'category', 'performer', 'venue', 'cursor', 'limit', 'from', 'to']) {
    await house.field(`list: ${name}`, async (text) => ({
      answer: await house.request('GET', `${api}/events?${name}=${encoded(text)}${name === 'limit' ? '' : '&limit=1'}`),
    }))
  }
  const token = await house.session()
  const paths = {
    event: (t) => `/events/${t}`, section: (t) => `/events/${event}/sections/${t}/availability`,
    hold: (t) => `/events/${event}/holds/${t}`, order: (t) => `/events/${event}/orders/${t}`,
    ticket: (t) => `/tickets/${t}`, picture: (t) => `/tickets/${t}.svg`, mail: (t) => `/mailbox/${t}`,
    'plan format': (t) => `/events/${event}/plan?format=${t}`,
  }
  for (const [name, where] of Object.entries(paths)) {
    await house.field(`path: ${name}`, async (text) => ({
      answer: await house.request('GET', api + where(encoded(text)), { token }),
    }))
  }
  const sendable = house.strings.filter((t) => /^[\x21-\x7e\x80-\xff][\x20-\x7e\x80-\xff]*$/.test(t))
  const strict = new House(house.report, house.client, house.admin, sendable)
  const wanted = { 'Idempotency-Key': 'holds', Authorization: 'holds/x', Cookie: 'holds/x' }
  for (const header of ['Authorization', 'Idempotency-Key', 'Cookie', 'If-None-Match', 'Accept-Encoding', 'Stripe-Signature']) {
    await strict.field(`header: ${header}`, async (text) => ({
      answer: header === 'Stripe-Signature'
        ? await house.request('POST', `${api}/webhooks/stripe`, { json: {}, headers: { [header]: text } })
        : await house.request(header === 'Idempotency-Key' ? 'POST' : 'GET', `${api}/events/${event}/${wanted[header] ?? 'plan'}`, {
            token: header === 'Authorization' || header === 'Cookie' ? undefined : token,
            json: header === 'Idempotency-Key' ? {} : undefined, headers: { [header]: text } }),
    }))
  }
  await house.field('webhook body', async (text) => ({
    answer: await house.request('POST', `${api}/webhooks/stripe`, { body: text, headers: { 'Stripe-Signature': 't=1,v1=00' } }),
  }))
}

async function buying(house, event) {
  const token = await house.session()
  const fields = {
    'hold: seats': (t) => ({ seats: [t] }), 'hold: areas.id': (t) => ({ areas: [{ id: t, quantity: 1 }] }),
    'hold: best.category': (t) => ({ best: { category: t, quantity: 1 } }),
    'hold: best.section': (t) => ({ best: { section: t, quantity: 1 } }),
    'hold: best.price_min': (t) => ({ best: { price_min: t, quantity: 1 } }),
    'hold: code': (t) => ({ seats: ['none'], code: t }), 'hold: a member': (t) => ({ [t]: 1 }),
  }
  for (const [name, body] of Object.entries(fields)) {
    await house.field(name, async (text) => ({
      answer: await house.request('POST', `${api}/events/${event}/holds`, { token, json: body(text) }),
    }))
  }
  await house.field('hold: the whole body', async (text) => ({
    answer: await house.request('POST', `${api}/events/${event}/holds`, { token, body: text }),
  }))
  await house.field('code', async (text) => ({
    answer: await house.request('POST', `${api}/events/${event}/codes`, { token, json: { code: text } }),
  }))
  const orders = `${api}/events/${event}/orders`
  for (const name of ['hold_id', 'email', 'name', 'promo_code']) {
    await house.field(`order: ${name}`, async (text) => {
      const buyer = await house.session()
      const hold = await house.request('POST', `${api}/events/${event}/holds`, { token: buyer, json: { areas: [{ id: 'a', quantity: 1 }] } })
      const body = { hold_id: hold.json.id, email: 'a@example.org', name: 'Ada', [name]: text }
      const answer = await house.request('POST', orders, { token: buyer, json: body })
      if (answer.status !== 201) {
        await house.request('DELETE', `${api}/events/${event}/holds/${hold.json.id}`, { token: buyer })
        return { answer }
      }
      const order = (await house.request('GET', `${orders}/${answer.json.id}`, { token: buyer })).json
      if (name === 'promo_code') return { answer } // only the empty one is taken
      return { answer, back: name === 'name' ? (order.name ?? '') : name === 'email' ? order.email : undefined }
    })
  }
}

async function waiting(house) {
  const { id } = (await house.create({ queue: { enabled: true } })).json
  const fields = {
    'queue: code': (t) => ({ code: t }), 'queue: challenge': (t) => ({ challenge: t, solution: 'x' }),
    'queue: solution': (t) => ({ challenge: 'x', solution: t }), 'queue: captcha': (t) => ({ captcha: t }),
    'queue: a member': (t) => ({ [t]: 1 }),
  }
  for (const [name, body] of Object.entries(fields)) {
    await house.field(name, async (text) => ({
      answer: await house.request('POST', `${api}/events/${id}/queue`, { token: await house.session(), json: body(text) }),
    }))
  }
  const sendable = house.strings.filter((t) => /^[\x21-\x7e\x80-\xff][\x20-\x7e\x80-\xff]*$/.test(t))
  const strict = new House(house.report, house.client, house.admin, sendable)
  const token = await house.session()
  await strict.field('header: Onsale-Admission', async (text) => ({
    answer: await house.request('POST', `${api}/events/${id}/holds`, { token, json: {}, headers: { 'Onsale-Admission': text } }),
  }))
  const changes = {
    'change: queue.state': (t) => ({ state: t }), 'change: queue.opens_at': (t) => ({ opens_at: t }),
    'change: queue.threshold': (t) => ({ threshold: t }),
  }
  for (const [name, queue] of Object.entries(changes)) {
    await house.field(name, async (text) => ({
      answer: await house.request('PATCH', `${api}/organiser/events/${id}`, { token: house.admin, json: { queue: queue(text) } }),
    }))
  }
}

async function changing(house, event) {
  const fields = {
    'change: sale.state': (t) => ({ sale: { state: t } }), 'change: block': (t) => ({ block: [t] }),
    'change: allocations.name': (t) => ({ allocations: [{ id: 'n', name: t, codes: [t] }] }),
    'change: price_categories.name': (t) => ({ price_categories: [{ name: t, price: 1 }] }), 'change: a member': (t) => ({ [t]: 1 }),
  }
  for (const [name, body] of Object.entries(fields)) {
    await house.field(name, async (text) => ({
      answer: await house.request('PATCH', `${api}/organiser/events/${event}`, { token: house.admin, json: body(text) }),
    }))
  }
}

async function pricing(house, event) {
  const path = `${api}/organiser/events/${event}`
  const request = (method, where, json) => house.request(method, where, { token: house.admin, json })
  await house.field('change: packages.name', async (text) => {
    const answer = await request('PATCH', path, { packages: [{ name: text, categories: [0], size: 2, paid: 1 }] })
    return { answer, back: answer.json?.packages?.[0].name ?? '' }
  })
  await request('PATCH', path, { packages: [] })
  await house.field('promo: codes', async (text) => {
    const answer = await request('POST', `${path}/promo_codes`, { codes: [text], kind: 'percent', value: 1 })
    return { answer, back: answer.json?.items?.[0].code }
  })
  const bodies = {
    'promo: kind': (t) => ({ codes: ['x'], kind: t, value: 1 }), 'promo: value': (t) => ({ codes: ['x'], kind: 'amount', value: t }),
    'promo: a member': (t) => ({ [t]: 1 }),
  }
  for (const [name, body] of Object.entries(bodies)) {
    await house.field(name, async (text) => ({ answer: await request('POST', `${path}/promo_codes`, body(text)) }))
  }
  const buyer = await house.session()
  const hold = await house.request('POST', `${api}/events/${event}/holds`, { token: buyer, json: { areas: [{ id: 'a', quantity: 1 }] } })
  await house.field('hold: promo code', async (text) => ({
    answer: await house.request('POST', `${api}/events/${event}/holds/${hold.json.id}/promo_code`, { token: buyer, json: { code: text } }),
  }))
  const order = await house.request('POST', `${api}/events/${event}/orders`, { token: buyer, json: { hold_id: hold.json.id, email: 'm@example.org' } })
  const of = `${path}/orders/${order.json.id}`
  await house.field('refund: reason', async (text) => ({ answer: await request('POST', `${of}/refunds`, { reason: text }) }))
  await house.field('refund: tickets', async (text) => ({ answer: await request('POST', `${of}/refunds`, { reason: 'x', tickets: [text] }) }))
  await house.field('case: note', async (text) => ({ answer: await request('POST', `${of}/case`, { action: 'settle', note: text }) }))
  await house.field('case: action', async (text) => ({ answer: await request('POST', `${of}/case`, { action: text, note: 'x' }) }))
  await house.field('ledger: cursor', async (text) => ({
    answer: await request('GET', `${path}/ledger/orders?cursor=${encodeURIComponent(text.toWellFormed())}`),
  }))
}

async function all(report, port, host, admin, strings) {
  const client = new Client(port, { host })
  const house = new House(report, client, admin, strings)
  try {
    const event = await house.create({ plan: plan('', ''), areas: [{ id: 'a', name: 'A', capacity: 5000, price_category: 0 }], limits: { per_buyer: 1000 } })
    report.check('the strings', strings.length === 461, `${strings.length} of them`)
    await asking(house, event.json.id)
    await buying(house, event.json.id)
    await waiting(house)
    await pricing(house, event.json.id)
    await changing(house, event.json.id)
    await describing(house)
    await pages(house)
    const health = await house.request('GET', '/health')
    report.check('the house is well after all of it', health.status === 200)
  } finally {
    client.close()
  }
}

if (!existsSync(file)) {
  console.log(`skipped: ${file} is not there (ONSALE_SHARED names the folder)`)
  console.log('0 passed, 0 failed, 1 skipped')
} else {
  const strings = JSON.parse(readFileSync(file, 'utf8'))
  await runReport(async (report) => {
    if (process.argv[2]) {
      const base = new URL(process.argv[2])
      await all(report, Number(base.port || 80), base.hostname, process.argv[3] ?? adminToken, strings)
      return
    }
    const server = await Server.create({ name: 'naughty', env: { ONSALE_LIMIT_SESSION_PER_SECOND: '0' } })
    try {
      await server.start()
      await all(report, server.port, '127.0.0.1', adminToken, strings)
    } finally {
      await server.kill() // thousands of events: a snapshot of each is not what is looked at here
      server.remove(report.failed > 0)
    }
  })
}
