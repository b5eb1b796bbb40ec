// What the running server answers, held against api/openapi.yaml as the server itself gives it out:
// the status must be declared, the body must be what the schema says and carry no member that the
// schema does not name. Every operation of the contract is called at least once.

import { existsSync, readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'

import Ajv from 'ajv/dist/2020.js'

import { Client } from '../../e2e/lib/client.mjs'
import { confirmPayment, createEvent, createSession, gridGuids, gridPlan, watchOrder } from '../../e2e/lib/house.mjs'
import { runReport } from '../../e2e/lib/report.mjs'
import { Server, adminToken } from '../../e2e/lib/server.mjs'
import { captchas } from './captcha.mjs'
import { cards } from './cards.mjs'
import { money } from './money.mjs'
import { planChange } from './plan.mjs'
import { queues } from './queue.mjs'
import { rules } from './rules.mjs'

const api = '/api/v1'
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/

/** Schemas closed against members that nobody declared. */
function close(schema) {
  if (Array.isArray(schema)) return schema.map(close)
  if (schema === null || typeof schema !== 'object') return schema
  const closed = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, close(value)]))
  if (closed.properties && closed.type === 'object' && !('additionalProperties' in closed)) {
    closed.additionalProperties = false
  }
  return closed
}

class Contract {
  constructor(document) {
    this.document = document
    this.called = new Set()
    this.ajv = new Ajv({ strict: false, allErrors: true, formats: { 'date-time': instant } })
    const components = close(document.components)
    // Free-form parts: what docs/seat-map.md and pretix describe, and the ledger's accounts.
    for (const name of ['Geometry', 'PretixPlan']) delete components.schemas[name].additionalProperties
    this.ajv.addSchema({ $id: 'contract', components })
    this.templates = Object.keys(document.paths)
      .map((path) => ({ path, pattern: new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{[a-z]+\}/g, '[^/.]+')}$`) }))
  }

  /** The faults of one exchange, an empty list when it is as declared. */
  faults(method, path, answer) {
    const bare = path.split('?')[0]
    const template = this.templates.find(({ pattern }) => pattern.test(bare))
    const operation = template && this.document.paths[template.path][method.toLowerCase()]
    if (!operation) return [`${method} ${bare} is not in the contract`]
    this.called.add(operation.operationId)
    let response = operation.responses[answer.status]
    if (!response && answer.status >= 400) response = operation.responses.default
    if (!response) return [`${operation.operationId}: ${answer.status} is not declared`]
    if (response.$ref) response = this.document.components.responses[response.$ref.split('/').pop()]
    if (!response.content) return answer.text === '' ? [] : [`${operation.operationId}: a body where none is declared`]
    const type = (answer.headers['content-type'] ?? '').split(';')[0]
    const declared = response.content[type]
    if (!declared) return [`${operation.operationId}: ${type} is not declared for ${answer.status}`]
    if (!type.endsWith('json')) return []
    const schema = JSON.parse(JSON.stringify(declared.schema).replaceAll('"#/components', '"contract#/components'))
    const validate = this.ajv.compile(close(schema))
    if (validate(answer.json)) return this.#problemFaults(type, answer)
    return validate.errors.map((e) => `${operation.operationId} ${e.instancePath || '/'} ${e.message} ${JSON.stringify(e.params)}`)
  }

  #problemFaults(type, answer) {
    if (type !== 'application/problem+json') return []
    const told = this.document['x-problems'][answer.json.code]
    if (answer.json.status !== answer.status || told.status !== answer.status) {
      return [`${answer.json.code}: status ${answer.status}, body ${answer.json.status}, contract ${told.status}`]
    }
    return []
  }

  /** Faults of a value against a schema of the contract's components. */
  valueFaults(name, value) {
    const validate = this.ajv.compile({ $ref: `contract#/components/schemas/${name}` })
    return validate(value) ? [] : validate.errors.map((e) => `${name} ${e.instancePath || '/'} ${e.message}`)
  }

  get missing() {
    const all = Object.values(this.document.paths).flatMap((item) =>
      Object.values(item).map((operation) => operation.operationId).filter(Boolean))
    return all.filter((id) => !this.called.has(id) && !id.startsWith('mailbox_'))
  }
}

class Walk {
  constructor(report, contract, client, port) {
    this.port = port
    this.report = report
    this.contract = contract
    this.client = client
  }

  async call(name, status, method, path, options = {}) {
    const answer = await this.client.request(method, path, options)
    const faults = this.contract.faults(method, path, answer)
    if (answer.status !== status) faults.unshift(`status ${answer.status} instead of ${status}: ${answer.text.slice(0, 300)}`)
    this.report.check(name, faults.length === 0, faults.join('; '))
    return answer
  }

  async refused(name, code, method, path, options) {
    const status = this.contract.document['x-problems'][code].status
    const answer = await this.call(`refused: ${name}`, status, method, path, options)
    if (answer.json?.code !== code) this.report.check(`code of: ${name}`, false, answer.json?.code)
    return answer
  }
}

/** Reads a stream until `wanted` messages came: [{event, data}]. */
async function listen(port, path, wanted, onFirst) {
  const stop = new AbortController()
  const timer = setTimeout(() => stop.abort(), 20_000)
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { signal: stop.signal })
  const messages = []
  let text = ''
  for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
    text += chunk
    const blocks = text.split('\n\n')
    text = blocks.pop()
    for (const block of blocks.filter((b) => b.includes('data: '))) {
      messages.push({ event: /^event: (.*)$/m.exec(block)?.[1], data: JSON.parse(/^data: (.*)$/m.exec(block)[1]) })
      if (messages.length === 1) onFirst()
    }
    if (messages.length >= wanted) break
  }
  clearTimeout(timer)
  stop.abort()
  return { answer, messages }
}

async function watching(walk, port, event, token) {
  const path = `${api}/events/${event}/stream`
  const { answer, messages } = await listen(port, path, 2, () => {
    walk.client.request('POST', `${api}/events/${event}/holds`, { token, json: { seats: ['R2-5'] } })
  })
  const head = { status: answer.status, headers: { 'content-type': answer.headers.get('content-type') }, text: '' }
  const faults = walk.contract.faults('GET', path, head)
  for (const { event: name, data } of messages) {
    faults.push(...walk.contract.valueFaults(name === 'event' ? 'StreamEvent' : 'StreamAvailability', data))
  }
  const [first, second] = messages.map(({ data }) => data)
  walk.report.check('a stream, as declared', faults.length === 0, faults.join('; '))
  walk.report.check('a held seat is told, going on from the first version',
    second?.since === first.version && JSON.stringify(second?.held) === '[14]', JSON.stringify(second))
}

async function reading(walk, event, areas) {
  const base = `${api}/events/${event}`
  await walk.call('the list of events', 200, 'GET', `${api}/events?limit=1`)
  await walk.call('an event', 200, 'GET', base)
  const plan = await walk.call('a plan', 200, 'GET', `${base}/plan`)
  await walk.call('a plan as pretix has it', 200, 'GET', `${base}/plan?format=pretix`)
  const seen = await walk.call('availability', 200, 'GET', `${base}/availability`)
  await walk.call('availability that has not changed', 304, 'GET', `${base}/availability`, {
    headers: { 'If-None-Match': seen.headers.etag },
  })
  await walk.call('availability of areas', 200, 'GET', `${api}/events/${areas}/availability`)
  await walk.call('a section', 200, 'GET', `${base}/sections/${plan.json.sections[0].id}/availability`)
  await walk.call('keys', 200, 'GET', `${base}/keys`)
  await walk.call('health', 200, 'GET', '/health')
  await walk.call('metrics', 200, 'GET', '/metrics')
  await walk.call('the contract', 200, 'GET', `${api}/openapi.json`)
  await walk.refused('an unknown event', 'event_not_found', 'GET', `${api}/events/evt_nope`)
  await walk.refused('an unknown section', 'section_not_found', 'GET', `${base}/sections/nope/availability`)
  await walk.refused('a plan where there is none', 'no_plan', 'GET', `${api}/events/${areas}/plan`)
  await walk.refused('a limit of 0', 'bad_value', 'GET', `${api}/events?limit=0`)
  await walk.refused('a made-up cursor', 'bad_cursor', 'GET', `${api}/events?cursor=x`)
}

async function holding(walk, event, areas, token, other) {
  const holds = `${api}/events/${event}/holds`
  const seats = gridGuids(2, 10)
  const held = await walk.call('a hold', 201, 'POST', holds, { token, json: { seats: seats.slice(0, 2) }, key: 'h' })
  await walk.call('the same again', 201, 'POST', holds, { token, json: { seats: seats.slice(0, 2) }, key: 'h' })
  await walk.refused('the key for another request', 'idempotency_mismatch', 'POST', holds, { token, json: { seats: [seats[5]] }, key: 'h' })
  const taken = await walk.refused('a held seat', 'seat_unavailable', 'POST', holds, { token: other, json: { seats: [seats[1], seats[2]] } })
  walk.report.check('names the seat that was taken', JSON.stringify(taken.json.seats) === JSON.stringify([seats[1]]))
  await walk.refused('no session', 'unauthenticated', 'POST', holds, { json: { seats: [seats[3]] } })
  await walk.refused('an unknown seat', 'unknown_seat', 'POST', holds, { token, json: { seats: ['nope'] } })
  await walk.refused('a seat twice', 'repeated_seat', 'POST', holds, { token, json: { seats: [seats[3], seats[3]] } })
  await walk.refused('seventeen seats', 'hold_limit_reached', 'POST', holds, { token, json: { seats: gridGuids(2, 10).slice(0, 17) } })
  await walk.refused('nothing', 'empty_request', 'POST', holds, { token, json: {} })
  await walk.refused('a member nobody knows', 'unknown_member', 'POST', holds, { token, json: { seat: 'x' } })
  await walk.refused('no JSON', 'bad_json', 'POST', holds, { token, body: '{' })
  await walk.refused('more than there are', 'not_enough_available', 'POST', `${api}/events/${areas}/holds`, {
    token, json: { areas: [{ id: 'floor', quantity: 7 }] },
  })
  await walk.call('the best seats', 201, 'POST', holds, { token: other, json: { best: { category: 'Stalls', quantity: 2 } } })
  await walk.call('a look at it', 200, 'GET', `${holds}/${held.json.id}`, { token })
  await walk.refused("another's hold", 'hold_not_found', 'GET', `${holds}/${held.json.id}`, { token: other })
  const spare = await walk.call('places in an area', 201, 'POST', `${api}/events/${areas}/holds`, {
    token, json: { areas: [{ id: 'floor', quantity: 2 }] },
  })
  await walk.call('its page closed', 204, 'POST', `${api}/events/${areas}/holds/${spare.json.id}/leave`, { token })
  await walk.refused('a hold of nobody left', 'hold_not_found', 'POST', `${api}/events/${areas}/holds/nope/leave`, { token })
  await walk.call('a release', 204, 'DELETE', `${api}/events/${areas}/holds/${spare.json.id}`, { token })
  await walk.refused('a released hold', 'hold_ended', 'GET', `${api}/events/${areas}/holds/${spare.json.id}`, { token })
  return held.json.id
}

async function buying(walk, event, hold, token, provider) {
  const orders = `${api}/events/${event}/orders`
  const body = { hold_id: hold, email: 'ada@example.org', name: 'Ada' }
  await walk.refused('no address', 'email_invalid', 'POST', orders, { token, json: { ...body, email: 'ada' } })
  await walk.refused('a code nobody gave out', 'promo_unknown', 'POST', orders, { token, json: { ...body, promo_code: 'X' } })
  const order = await walk.call('an order', 201, 'POST', orders, { token, json: body, key: 'o' })
  const path = `${orders}/${order.json.id}`
  await walk.call('the same order again', 201, 'POST', orders, { token, json: body, key: 'o' })
  await walk.refused('a hold with an order released', 'hold_has_order', 'DELETE', `${api}/events/${event}/holds/${hold}`, { token })
  await confirmPayment(provider, order.json.payment, 'pm_card_chargeDeclined')
  await watchOrder(walk.client, token, event, order.json.id, (o) => o.payment.last_error)
  await walk.call('an order with a decline', 200, 'GET', path, { token })
  await confirmPayment(provider, order.json.payment)
  await watchOrder(walk.client, token, event, order.json.id, (o) => o.state === 'paid')
  const paid = await walk.call('a paid order', 200, 'GET', path, { token })
  const ticket = `${api}/tickets/${paid.json.tickets[0]?.id}`
  await walk.call('a ticket', 200, 'GET', ticket, { token })
  await walk.call('a ticket as SVG', 200, 'GET', `${ticket}.svg`, { token })
  await walk.call('a ticket as PNG', 200, 'GET', `${ticket}.png`, { token })
  await walk.refused('a paid order cancelled', 'order_not_cancellable', 'POST', `${path}/cancel`, { token })
  await walk.refused("nobody's ticket", 'ticket_not_found', 'GET', `${api}/tickets/tkt_nope`, { token })
  await walk.refused("nobody's order", 'order_not_found', 'GET', `${orders}/ord_nope`, { token })
}

async function organising(walk, event, areas, token) {
  const path = `${api}/organiser/events/${event}`
  const asked = { token: adminToken }
  await walk.call('a summary', 200, 'GET', `${path}/summary`, asked)
  await walk.call('a change', 200, 'PATCH', path, { ...asked, json: { limits: { per_buyer: 5 }, block: ['R2-10'] } })
  await walk.refused('a sold seat blocked', 'seat_not_free', 'PATCH', path, { ...asked, json: { block: ['R1-1'] } })
  await walk.refused("a buyer's token", 'forbidden', 'PATCH', path, { token, json: {} })
  const large = JSON.stringify({ x_padding: 'x'.repeat(70_000) })
  const upload = new Client(walk.port)
  const refused = await upload.request('POST', `${api}/organiser/events`, { token, body: large })
  walk.report.check("refused: a buyer's upload, unread", refused.json?.code === 'unauthenticated', refused.text)
  upload.close()
  await walk.call('a pause', 200, 'PATCH', `${api}/organiser/events/${areas}`, { ...asked, json: { sale: { state: 'paused' } } })
  await walk.refused('a hold while paused', 'sale_paused', 'POST', `${api}/events/${areas}/holds`, {
    token, json: { areas: [{ id: 'floor', quantity: 1 }] },
  })
  const created = { name: 'x', starts_at: '2031-05-01T20:00:00', timezone: 'Europe/Berlin', venue: { name: 'v' }, currency: 'EUR',
    price_categories: [{ name: 'c', price: 100 }], areas: [{ id: 'a', name: 'A', capacity: 5, price_category: 'c' }] }
  const create = (changes) => ({ ...asked, json: { ...created, ...changes } })
  const evening = await walk.call('a new event', 201, 'POST', `${api}/organiser/events`, create({}))
  const shown = await walk.call('the new event', 200, 'GET', `${api}/events/${evening.json.id}`)
  walk.report.check('a sale that nobody ends ends when the event begins', shown.json.sale.closes_at === shown.json.starts_at, shown.text)
  const past = await walk.call('an event of last century', 201, 'POST', `${api}/organiser/events`, create({ starts_at: '1999-01-01T10:00:00Z' }))
  const listed = async (query) => (await walk.call(`the list${query}`, 200, 'GET', `${api}/events${query}`)).json.items.some((item) => item.id === past.json.id)
  walk.report.check('what is over does not lead the list', !(await listed('')), 'it does')
  walk.report.check('what is over is listed when asked for', await listed('?from=1990-01-01T00:00:00Z'), 'it is not')
  const wrong = [
    ['no such zone', 'timezone_unknown', { timezone: 'Mars/Olympus' }],
    ['no such currency', 'currency_unknown', { currency: 'XXZ' }],
    ['no such price category', 'unknown_category', { areas: [{ id: 'a', name: 'A', capacity: 5, price_category: 'd' }] }],
    ['nothing to sell', 'event_invalid', { areas: [] }],
    ['a lobby without an end', 'bad_value', { queue: { enabled: true, lobby_opens_at: '2031-05-01T10:00:00Z' } }],
    ['a broken plan', 'plan_invalid', { plan: { name: 'p' } }],
  ]
  for (const [name, code, changes] of wrong) {
    await walk.refused(name, code, 'POST', `${api}/organiser/events`, create(changes))
  }
}

async function cancelling(walk, event, token) {
  const orders = `${api}/events/${event}/orders`
  const hold = await walk.call('another hold', 201, 'POST', `${api}/events/${event}/holds`, { token, json: { seats: ['R2-1'] } })
  const order = await walk.call('another order', 201, 'POST', orders, { token, json: { hold_id: hold.json.id, email: 'b@example.org' } })
  await walk.call('cancelled before payment', 200, 'POST', `${orders}/${order.json.id}/cancel`, { token })
  await walk.refused('a webhook without a signature', 'bad_signature', 'POST', `${api}/webhooks/stripe`, { json: {} })
}

await runReport(async (report) => {
  const server = await Server.create({ name: 'openapi', env: {
    ONSALE_LIMIT_SESSION_PER_SECOND: '0', ONSALE_LIMIT_NETWORK_PER_SECOND: '100000', ONSALE_CHALLENGE_JOINS_PER_SECOND: '10',
    ONSALE_LIMIT_CARDS: 'yes',
  } })
  const client = new Client(server.port)
  const provider = new Client(server.port + 1)
  try {
    await server.start()
    const document = (await client.request('GET', `${api}/openapi.json`)).json
    const contract = new Contract(document)
    const walk = new Walk(report, contract, client, server.port)
    const plan = gridPlan(2, 10)
    const event = await createEvent(client, { plan, price_categories: [{ name: 'Stalls', price: { amount: 2500, currency: 'EUR' }, fee: { amount: 250, currency: 'EUR' } }] })
    const areas = await createEvent(client, {
      plan: null, price_categories: [{ name: 'c', price: 1000 }],
      areas: [{ id: 'floor', name: 'Floor', capacity: 4, price_category: 'c' }],
    })
    const token = await createSession(client)
    const other = await createSession(client)
    await walk.call('a session', 201, 'POST', `${api}/sessions`)
    await walk.call('the same session', 200, 'POST', `${api}/sessions`, { token })
    await reading(walk, event, areas)
    await watching(walk, server.port, event, await createSession(client))
    const hold = await holding(walk, event, areas, token, other)
    await buying(walk, event, hold, token, provider)
    await cancelling(walk, event, token)
    await organising(walk, event, areas, token)
    await queues(walk, provider, listen)
    // wrong codes are counted, and `rules` ends with too many of them
    const mailbox = path.join(server.data, 'mailbox')
    await money(walk, provider, server.data, () => (existsSync(mailbox) ? readdirSync(mailbox) : []))
    await captchas((desk, port) => new Walk(report, contract, desk, port))
    await rules(walk)
    await cards(walk, provider)
    await planChange(walk, provider, async () => {
      await server.kill()
      await server.start()
    })
    report.check('every operation was called', contract.missing.length === 0, contract.missing.join(', '))
    const served = readFileSync(new URL('../../../api/openapi.yaml', import.meta.url), 'utf8')
    report.check('the served contract is the one in the tree', [...served.matchAll(/operationId: (\w+)/g)].every(([, id]) =>
      JSON.stringify(document).includes(`"operationId":"${id}"`)))
  } finally {
    client.close()
    provider.close()
    await server.stop()
    server.remove(report.failed > 0)
  }
})
