// Money over HTTP: prices that change, packages, tax, promo codes; refunds, disputes and cases; the ledger,
// and the program that checks it. Currencies with no, two and three decimals.

import { readdirSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'

import { Client } from '../../e2e/lib/client.mjs'
import { confirmPayment, createEvent, createSession, watchOrder } from '../../e2e/lib/house.mjs'
import { adminToken, runOnsale } from '../../e2e/lib/server.mjs'

const api = '/api/v1'
const asked = { token: adminToken }
const area = (id, capacity = 40) => ({ id, name: id, capacity, price_category: id })
const amounts = (hold) => hold.json.items.map((item) => [item.list_price, item.discount, item.price, item.fee, item.tax].map((m) => m.amount).join('/')).join(' ')

class Shop {
  constructor(walk, provider, event) {
    this.walk = walk
    this.provider = provider
    this.event = event
    this.buyers = `${api}/events/${event}`
    this.organiser = `${api}/organiser/events/${event}`
    this.people = 0
  }

  check(name, good, detail = '') {
    const told = typeof detail === 'string' ? detail : JSON.stringify(detail)
    this.walk.report.check(name, good, good ? '' : told)
  }

  async hold(name, areas) {
    const token = await createSession(this.walk.client)
    const answer = await this.walk.call(name, 201, 'POST', `${this.buyers}/holds`, {
      token, json: { areas: Object.entries(areas).map(([id, quantity]) => ({ id, quantity })) },
    })
    return { token, ...answer }
  }

  async order(name, areas, more = {}) {
    const hold = await this.hold(`${name}: the hold`, areas)
    const answer = await this.walk.call(name, 201, 'POST', `${this.buyers}/orders`, {
      token: hold.token, json: { hold_id: hold.json.id, email: `money${(this.people += 1)}@example.org`, ...more },
    })
    return { token: hold.token, id: answer.json.id, json: answer.json, path: `${this.buyers}/orders/${answer.json.id}` }
  }

  async paid(name, areas, { method, ...more } = {}) {
    const order = await this.order(name, areas, more)
    await confirmPayment(this.provider, order.json.payment, method)
    order.json = await this.until(order, (o) => o.state === 'paid' || o.tickets.length > 0)
    this.check(`${name} is paid`, order.json?.state === 'paid', order.json)
    return order
  }

  until(order, done) {
    return watchOrder(this.walk.client, order.token, this.event, order.id, done)
  }

  look(name, order) {
    return this.walk.call(name, 200, 'GET', order.path, { token: order.token })
  }

  statement(name, order) {
    return this.walk.call(name, 200, 'GET', `${this.organiser}/orders/${order.id}`, asked)
  }

  refund(name, order, json, options = {}) {
    return this.walk.call(name, 202, 'POST', `${this.organiser}/orders/${order.id}/refunds`, { ...asked, ...options, json })
  }

  promo(name, json) {
    return this.walk.call(name, 200, 'POST', `${this.organiser}/promo_codes`, { ...asked, json })
  }

  useCode(name, hold, code) {
    return this.walk.call(name, 200, 'POST', `${this.buyers}/holds/${hold.json.id}/promo_code`, { token: hold.token, json: { code } })
  }

  refusedCode(name, problem, hold, code) {
    return this.walk.refused(name, problem, 'POST', `${this.buyers}/holds/${hold.json.id}/promo_code`, { token: hold.token, json: { code } })
  }
}

const definition = {
  plan: null,
  areas: [area('Floor'), area('Box')],
  price_categories: [{ name: 'Floor', price: 4000, fee: 400 }, { name: 'Box', price: 9000, fee: 500, tax_bp: 1900 }],
  tax: { rate_bp: 700 },
  limits: { per_buyer: 40, per_hold: 8 },
  payment_methods: ['card', 'sepa_debit'],
  processing_seconds: 3600,
  price_rules: [
    { category: 'Floor', price: 3000, until: '2098-01-01T00:00:00Z', sold_below: 3 },
    { category: 'Floor', price: 5000, from: '2097-01-01T00:00:00Z' },
  ],
  price_ceilings: [{ category: 'Floor', price: 6000 }],
  packages: [{ name: 'Family', categories: ['Box'], size: 3, paid: 2 }],
}

async function prices(walk, provider) {
  const shop = new Shop(walk, provider, await createEvent(walk.client, definition))
  const shown = await walk.call('an event with rules of prices', 200, 'GET', shop.buyers)
  const [floor, box] = shown.json.price_categories
  shop.check('the early price is told', floor.price.amount === 3000 && floor.tax_bp === 700 && box.tax_bp === 1900, shown.text)
  shop.check('and until when', floor.price_change.after_sold === 3 && floor.price_change.price_after.amount === 4000 &&
    floor.price_change.at === '2098-01-01T00:00:00.000Z' && floor.price_change.price_then.amount === 5000, floor)
  shop.check('ways to pay and packages', shown.json.payment_methods.join() === 'card,sepa_debit' && shown.json.packages[0].name === 'Family' &&
    shown.json.packages[0].categories.join() === 'Box' && shown.json.fee_bearer === 'buyer', shown.text)
  const family = await shop.hold('three for two', { Box: 3 })
  shop.check('the third costs nothing, and its fee neither', amounts(family) === '9000/0/9000/500/1517 9000/0/9000/500/1517 9000/9000/0/0/0', family.text)
  shop.check('sums', family.json.total.amount === 19000 && family.json.discount.amount === 9000 && family.json.tax.amount === 3034, family.text)
  const early = await shop.hold('an early bird', { Floor: 1 })
  await shop.paid('three early birds', { Floor: 3 })
  const now = await walk.call('the price has stepped', 200, 'GET', shop.buyers)
  shop.check('to the base price', now.json.price_categories[0].price.amount === 4000, now.text)
  const again = await walk.call('the hold keeps its price', 200, 'GET', `${shop.buyers}/holds/${early.json.id}`, { token: early.token })
  shop.check('of when it was made', again.json.total.amount === 3400, again.text)
  const patch = (name, json) => walk.call(name, 200, 'PATCH', shop.organiser, { ...asked, json })
  const refused = (name, code, json) => walk.refused(name, code, 'PATCH', shop.organiser, { ...asked, json })
  await patch('other rules', { price_rules: [{ category: 'Floor', price: 4500, sold_from: 4 }] })
  const packages = await patch('another package', { packages: [{ categories: ['Floor', 'Box'], size: 4, paid: 3 }] })
  shop.check('the packages are others, the rules stay', packages.json.packages[0].size === 4 && packages.json.packages[0].name === null &&
    packages.json.price_categories[0].price_change.after_sold === 1, packages.text)
  await refused('a price over its ceiling', 'bad_change', { price_categories: [{ name: 'Floor', price: 7000 }] })
  await refused('a rule over its ceiling', 'bad_change', { price_rules: [{ category: 'Floor', price: 7000 }] })
  await patch('ceiling and price together, up', { price_ceilings: [{ category: 'Floor', price: 8000 }], price_categories: [{ name: 'Floor', price: 7000 }] })
  await patch('and down again', { price_ceilings: [{ category: 'Floor', price: 5000 }], price_categories: [{ name: 'Floor', price: 4000 }] })
  await refused('another tax', 'bad_change', { tax: { rate_bp: 100 } })
  await refused('a rule that ends before it begins', 'bad_value', { price_rules: [{ category: 0, price: 1, from: '2098-01-01T00:00:00Z', until: '2097-01-01T00:00:00Z' }] })
  await refused('a package of one', 'bad_value', { packages: [{ categories: [0], size: 1, paid: 1 }] })
  const wrong = [['a way to pay nobody knows', 'bad_value', { payment_methods: ['cash'] }], ['a ceiling under the price', 'event_invalid', { price_ceilings: [{ category: 'Box', price: 1 }] }]]
  const whole = { name: 'm', starts_at: '2031-05-01T20:00:00', timezone: 'Europe/Berlin', venue: { name: 'v' }, currency: 'EUR', ...definition }
  for (const [name, code, changes] of wrong) {
    await walk.refused(name, code, 'POST', `${api}/organiser/events`, { ...asked, json: { ...whole, ...changes } })
  }
}

async function promos(walk, provider) {
  const shop = new Shop(walk, provider, await createEvent(walk.client, { ...definition, price_rules: [], packages: [] }))
  await shop.promo('a share off the floor', { codes: ['Ten', 'ELEVEN'], kind: 'percent', value: 1000, categories: ['Floor'], max_units: 1 })
  await shop.promo('an amount off, once', { code: 'once', kind: 'amount', value: { amount: 1500, currency: 'EUR' }, uses: 1 })
  await shop.promo('a price', { code: 'crew', kind: 'fixed', value: 1000, budget: 4000 })
  await shop.promo('a code of next century', { code: 'later', kind: 'percent', value: 10000, valid_from: '2098-01-01T00:00:00Z' })
  const hold = await shop.hold('two of the floor', { Floor: 2 })
  const ten = await shop.useCode('ten percent off one of them', hold, ' ten ')
  shop.check('off the first', amounts(ten) === '4000/400/3600/400/262 4000/0/4000/400/288' && ten.json.promo_code, ten.text)
  await shop.useCode('the same again', hold, 'TEN')
  const once = await shop.useCode('another code instead', hold, 'once')
  shop.check('off both', once.json.total.amount === 5800 && once.json.discount.amount === 3000, once.text)
  const other = await shop.hold('somebody else', { Floor: 1 })
  await shop.refusedCode('the last use is taken', 'promo_used_up', other, 'once')
  const box = await shop.hold('a box', { Box: 1 })
  const names = await shop.refusedCode('a code of the floor for a box', 'promo_not_applicable', box, 'ten')
  shop.check('it says for what it is', names.json.categories?.join() === 'Floor', names.text)
  const early = await shop.refusedCode('too early', 'promo_not_valid', box, 'later')
  shop.check('it says when', early.json.valid_from === '2098-01-01T00:00:00.000Z', early.text)
  await shop.refusedCode('no such code', 'promo_unknown', box, 'nobody')
  const without = await walk.call('without a code again', 200, 'DELETE', `${shop.buyers}/holds/${hold.json.id}/promo_code`, { token: hold.token })
  shop.check('the full price', without.json.total.amount === 8800 && !without.json.promo_code, without.text)
  await shop.useCode('the use is free again', other, 'once')
  const crew = await shop.paid('an order with a code', { Floor: 1 }, { promo_code: 'crew' })
  shop.check('at its price', crew.json.total.amount === 1400 && crew.json.promo_code && crew.json.discount.amount === 3000, crew.json)
  const poor = await shop.hold('three more for the crew', { Floor: 1 })
  await walk.refused('the budget is spent', 'promo_used_up', 'POST', `${shop.buyers}/orders`, {
    token: poor.token, json: { hold_id: poor.json.id, email: 'p@example.org', promo_code: 'crew' },
  })
  const free = await shop.promo('everything off', { code: 'guest', kind: 'percent', value: 10000 })
  shop.check('terms are told', free.json.items[0].code === 'guest' && free.json.items[0].value === 10000 && free.json.items[0].used === 0, free.text)
  const guest = await shop.order('a guest', { Floor: 1 }, { promo_code: 'guest' })
  shop.check('pays nothing and has a ticket', guest.json.state === 'paid' && guest.json.total.amount === 0 && guest.json.tickets.length === 1, guest.json)
  const uses = await walk.call('what codes were used for', 200, 'POST', `${shop.organiser}/promo_codes/look`, { ...asked, json: { codes: ['crew', 'nobody', 'guest'] } })
  shop.check('those that there are', uses.json.items.map((i) => `${i.code} ${i.used} ${i.spent.amount}`).join() === 'crew 1 3000,guest 1 4000', uses.text)
  await walk.call('a code revoked', 200, 'POST', `${shop.organiser}/promo_codes/revoke`, { ...asked, json: { codes: ['guest', 'nobody'] } })
  await shop.refusedCode('a revoked code', 'promo_unknown', box, 'guest')
  const bad = (name, json) => walk.refused(name, 'bad_value', 'POST', `${shop.organiser}/promo_codes`, { ...asked, json })
  await bad('a share of more than all', { code: 'x', kind: 'percent', value: 10001 })
  await bad('no code', { kind: 'percent', value: 1 })
  await bad('a kind nobody knows', { code: 'x', kind: 'gift', value: 1 })
}

/** A total that no provider charges is refused before anything is ordered. */
async function tooSmall(walk, provider) {
  const shop = new Shop(walk, provider, await createEvent(walk.client, {
    plan: null, currency: 'EUR', areas: [area('Floor')], price_categories: [{ name: 'Floor', price: 1000 }],
  }))
  await shop.promo('a code that leaves little', { code: 'nearly', kind: 'fixed', value: 49 })
  const hold = await shop.hold('a place', { Floor: 1 })
  const wish = (promo) => ({ token: hold.token, json: { hold_id: hold.json.id, email: 'small@example.org', promo_code: promo } })
  const refused = await walk.refused('less than is charged', 'total_too_small', 'POST', `${shop.buyers}/orders`, wish('nearly'))
  shop.check('it says the least', refused.json.least.amount === 50 && refused.json.least.currency === 'EUR', refused.text)
  const whole = await walk.call('without the code', 201, 'POST', `${shop.buyers}/orders`, wish(null))
  shop.check('the whole price', whole.json.total.amount === 1000, whole.text)
}

/** The key of the account at the sandbox, out of its own books: whoever has it is at the dashboard. */
function secretKey(data) {
  const dir = path.join(data, 'sandbox')
  const db = new DatabaseSync(path.join(dir, readdirSync(dir).find((name) => /\.(db|sqlite)$/.test(name))), { readOnly: true })
  const { value } = db.prepare("SELECT value FROM setting WHERE name = 'secret_key'").get()
  db.close()
  return value
}

/** Somebody refunds in the provider's dashboard: a case, and what it was comes into the books. */
async function byHand(walk, provider, data) {
  const shop = new Shop(walk, provider, await createEvent(walk.client, { ...definition, price_rules: [], packages: [] }))
  const order = await shop.paid('an order that is refunded by hand', { Floor: 2 })
  const made = await provider.request('POST', '/v1/refunds', {
    token: secretKey(data), type: 'application/x-www-form-urlencoded', body: `payment_intent=${order.json.payment.intent_id}&amount=3000`,
  })
  shop.check('refunded in the dashboard', made.status === 200, made.text)
  let seen
  for (let tries = 0; tries < 100 && !seen?.json.case; tries += 1) {
    await sleep(100)
    seen = await shop.statement('its case', order)
  }
  shop.check('the case says which refund and how much', seen.json.case?.reason === 'refund_unasked' && seen.json.case.detail.includes(made.json.id) &&
    seen.json.case.detail.includes('3000'), seen.text)
  const closing = `${shop.organiser}/orders/${order.id}/case`
  const settle = (amount, note = 'box office') => ({ ...asked, json: { action: 'settle', note, amount, case: 'refund_unasked' } })
  await walk.refused('more than was paid', 'case_action_not_possible', 'POST', closing, settle(8801))
  await walk.refused('less than nothing', 'case_action_not_possible', 'POST', closing, settle(-1))
  await walk.refused('an amount beside another action', 'bad_value', 'POST', closing, { ...asked, json: { action: 'release', note: 'x', amount: -1 } })
  const settled = await walk.call('recorded', 200, 'POST', closing, settle({ amount: 3000, currency: 'EUR' }))
  shop.check('in the books, and the tickets are valid', settled.json.case === null && settled.json.refunded_by_hand.amount === 3000 &&
    settled.json.balances.provider.amount === 5800 && settled.json.lines.every((line) => line.ticket) &&
    settled.json.history.at(-1).what === 'case_closed' && settled.json.history.at(-1).amount.amount === 3000, settled.text)
  const again = await walk.call('the same again', 200, 'POST', closing, settle(3000))
  shop.check('is recorded once', again.json.refunded_by_hand.amount === 3000, again.text)
  await walk.refused('another amount', 'no_open_case', 'POST', closing, settle(2999))
}

/** Net prices become what is paid, rounded in the currency's own unit. */
async function currencies(walk, provider) {
  const cases = [
    ['JPY', 1005, 105, 1106, 116, 1222, 111],
    ['EUR', 1005, 105, 1106, 116, 1222, 112],
    ['BHD', 12345, 1005, 13580, 1106, 14686, 1336],
  ]
  for (const [currency, price, fee, gross, grossFee, total, tax] of cases) {
    const money = (amount) => ({ amount, currency })
    const shop = new Shop(walk, provider, await createEvent(walk.client, {
      plan: null, currency, areas: [area('Floor')], price_categories: [{ name: 'Floor', price: money(price), fee: money(fee) }],
      tax: { rate_bp: 1000, included: false },
    }))
    const order = await shop.paid(`an order in ${currency}`, { Floor: 1 })
    const [item] = order.json.items
    shop.check(`${currency} with its tax`, item.price.amount === gross && item.fee.amount === grossFee && order.json.total.amount === total &&
      order.json.total.currency === currency && Math.abs(order.json.tax.amount - tax) <= 1, order.json)
    const charged = (await provider.request('GET', '/sandbox/books')).json.intents.find((intent) => intent.metadata.order_id === order.id)
    shop.check(`${currency} is charged in its own unit`, charged?.amount === total, charged)
    await shop.refund(`${currency} paid back`, order, { reason: 'rain' })
    const back = await shop.until(order, (o) => o.refunds[0]?.state === 'done')
    shop.check(`${currency} all of it`, back?.refunds[0].amount.amount === total, back)
  }
}

async function refunds(walk, provider) {
  const shop = new Shop(walk, provider, await createEvent(walk.client, { ...definition, price_rules: [], packages: [], fee_bearer: 'organiser' }))
  const order = await shop.paid('three tickets', { Floor: 3 })
  shop.check('the organiser bears the fee', order.json.total.amount === 12000, order.json)
  const [first, second] = order.json.tickets.map((ticket) => ticket.id)
  const path = `${shop.organiser}/orders/${order.id}/refunds`
  const part = await shop.refund('one given back', order, { tickets: [first], reason: 'ill' }, { key: 'r1' })
  const same = await shop.refund('the same again', order, { tickets: [first], reason: 'ill' }, { key: 'r1' })
  shop.check('is the same', part.json.id === same.json.id && part.json.amount.amount === 4000, same.text)
  await walk.refused('the key for another', 'idempotency_mismatch', 'POST', path, { ...asked, key: 'r1', json: { tickets: [second], reason: 'ill' } })
  await walk.refused('it is given back already', 'already_refunded', 'POST', path, { ...asked, json: { tickets: [first], reason: 'ill' } })
  await walk.refused('no such ticket', 'ticket_not_found', 'POST', path, { ...asked, json: { tickets: ['tkt_nope'], reason: 'ill' } })
  await walk.refused('no reason', 'bad_value', 'POST', path, { ...asked, json: { tickets: [second] } })
  const done = await shop.until(order, (o) => o.refunds[0]?.state === 'done')
  shop.check('the buyer sees it', done?.state === 'partially_refunded' && done.reason === 'refunded' && done.refunded.amount === 4000 && done.tickets.length === 2 &&
    done.items.filter((item) => item.refund?.state === 'done').length === 1, done)
  await shop.look('an order refunded in part', order)
  await shop.refund('the rest, blocked', order, { reason: 'cancelled', block: true })
  const whole = await shop.until(order, (o) => o.refunds[1]?.state === 'done')
  shop.check('all of it is refunded', whole?.state === 'refunded' && whole.tickets.length === 0 && whole.refunded.amount === 12000, whole)
  await walk.refused('nothing is left', 'already_refunded', 'POST', path, { ...asked, json: { reason: 'again' } })
  const told = await shop.statement('its statement', order)
  shop.check('who, why and what', told.json.history.filter((h) => h.what === 'refund_requested').map((h) => `${h.by} ${h.note} ${h.amount.amount}`).join() ===
    'organiser ill 4000,organiser cancelled 8000' && Object.values(told.json.balances).every((m) => m.amount === 0), told.text)
  const open = await shop.order('an order that is not paid', { Floor: 1 })
  await walk.refused('nothing to give back', 'order_not_paid', 'POST', `${shop.organiser}/orders/${open.id}/refunds`, { ...asked, json: { reason: 'x' } })
  await walk.refused('no case to close', 'no_open_case', 'POST', `${shop.organiser}/orders/${open.id}/case`, { ...asked, json: { action: 'settle', note: 'x' } })
  const summary = await walk.call('a summary', 200, 'GET', `${shop.organiser}/summary`, asked)
  shop.check('blocked places stay blocked', summary.json.categories[0].blocked === 2 && summary.json.ledger.provider.amount === 0, summary.text)
}

/** The provider's dispute about an order's payment; the sandbox's card makes one by itself. */
async function disputes(walk, provider) {
  const shop = new Shop(walk, provider, await createEvent(walk.client, { ...definition, price_rules: [], packages: [] }))
  for (const [outcome, state] of [['won', 'paid'], ['lost', 'refunded']]) {
    const order = await shop.order(`an order that is disputed and ${outcome}`, { Floor: 1 })
    await confirmPayment(provider, order.json.payment, 'pm_card_createDispute')
    const disputed = await shop.until(order, (o) => o.reason === 'disputed')
    shop.check('its tickets are suspended', disputed?.state === 'attention' && disputed.tickets.length === 0, disputed)
    await walk.refused('no refund meanwhile', 'order_disputed', 'POST', `${shop.organiser}/orders/${order.id}/refunds`, { ...asked, json: { reason: 'x' } })
    const list = await walk.call('disputes', 200, 'GET', `${shop.organiser}/disputes?limit=100`, asked)
    const dispute = list.json.items.find((item) => item.order_id === order.id)
    shop.check('it is listed', dispute?.state === 'open' && list.json.open === 1 && dispute.amount.amount === 4400, list.text)
    const evidence = await walk.call('what speaks for it', 200, 'GET', `${shop.organiser}/orders/${order.id}/evidence`, asked)
    const { customer_email_address: email, product_description: product, uncategorized_text: course } = evidence.json.evidence
    shop.check('names the dispute, the buyer, the tickets and what happened', evidence.json.dispute_id === dispute.id && evidence.json.due_at === dispute.due_at &&
      email.endsWith('@example.org') && /^1 ticket to .*Floor, 44\.00 EUR$/.test(product) && course.includes(order.id) && course.includes('disputed 44.00 EUR'), evidence.text)
    await provider.request('POST', `/sandbox/disputes/${dispute.id}`, { type: 'application/x-www-form-urlencoded', body: `outcome=${outcome}` })
    const decided = await shop.until(order, (o) => o.reason === `dispute_${outcome}`)
    shop.check(`${outcome}: what the buyer sees`, decided?.state === state && decided.tickets.length === (outcome === 'won' ? 1 : 0), decided)
    const told = await shop.statement('its statement', order)
    shop.check('with its history', told.json.history.map((h) => h.what).join() === `dispute_opened,dispute_${outcome}`, told.text)
  }
  const unpaid = await shop.order('an order that is not paid', { Floor: 1 })
  await walk.refused('nothing speaks for what was not paid', 'order_not_paid', 'GET', `${shop.organiser}/orders/${unpaid.id}/evidence`, asked)
  const first = await walk.call('disputes, one a page', 200, 'GET', `${shop.organiser}/disputes?limit=1`, asked)
  const second = await walk.call('the next page', 200, 'GET', `${shop.organiser}/disputes?limit=1&cursor=${first.json.next_cursor}`, asked)
  shop.check('two pages', second.json.items.length === 1 && second.json.next_cursor === null, second.text)
}

/** Outcomes are mailed; the demo's mailbox is not on here, so the files are looked at. */
async function mailed(shop, mails, what) {
  const patience = Date.now() + 20_000
  const found = () => mails().some((name) => name.includes(`-${what}-`))
  while (!found() && Date.now() < patience) await sleep(100)
  shop.check(`a mail tells of it: ${what}`, found(), mails().join(' '))
}

async function cases(walk, provider, mails) {
  const shop = new Shop(walk, provider, await createEvent(walk.client, { ...definition, price_rules: [], packages: [] }))
  const order = await shop.paid('an order whose refund will fail', { Floor: 2 }, { method: 'pm_card_refundFail' })
  await shop.refund('given back', order, { reason: 'moved' })
  const stuck = await shop.until(order, (o) => o.state === 'attention')
  shop.check('a person looks at it', stuck?.reason === 'refund_in_review' && stuck.refunds[0].state === 'failed', stuck)
  await mailed(shop, mails, 'review') // once it is settled nobody would be told that it is looked at
  const list = await walk.call('open cases', 200, 'GET', `${shop.organiser}/cases`, asked)
  const [found] = list.json.items
  shop.check('it is listed with what can be done', list.json.open === 1 && found?.order_id === order.id && found.reason === 'refund_failed' &&
    found.actions.join() === 'retry,settle', list.text)
  const path = `${shop.organiser}/orders/${order.id}/case`
  const impossible = await walk.refused('what cannot be done', 'case_action_not_possible', 'POST', path, { ...asked, json: { action: 'release', note: 'x' } })
  shop.check('it says what can', impossible.json.actions.join() === 'retry,settle', impossible.text)
  await walk.refused('without a note', 'bad_value', 'POST', path, { ...asked, json: { action: 'settle' } })
  await walk.refused('another case than the one that was looked at', 'case_action_not_possible', 'POST', path, { ...asked, json: { action: 'settle', note: 'x', case: 'refund_unasked' } })
  const settled = await walk.call('settled elsewhere', 200, 'POST', path, { ...asked, json: { action: 'settle', note: 'paid by bank transfer' } })
  shop.check('the case is closed, with who and why', settled.json.case === null && settled.json.refunds[0].state === 'settled' &&
    settled.json.history.some((h) => h.what === 'case_closed' && h.by === 'organiser' && h.note === 'paid by bank transfer'), settled.text)
  const repeated = await walk.call('the same again', 200, 'POST', path, { ...asked, json: { action: 'settle', note: 'paid by bank transfer' } })
  shop.check('changes nothing', repeated.json.history.length === settled.json.history.length, repeated.text)
  await walk.refused('another note', 'no_open_case', 'POST', path, { ...asked, json: { action: 'settle', note: 'x' } })
  shop.check('the organiser bears it', settled.json.balances.organiser.amount === -8800 && settled.json.balances.provider.amount === 8800, settled.text)
  return shop
}

/** A payment that was accepted and is not handed over: the buyer is told by when they hear of it. */
async function reviewed(walk, provider) {
  const shop = new Shop(walk, provider, await createEvent(walk.client, { ...definition, price_rules: [], packages: [] }))
  await provider.request('POST', '/sandbox/faults', { json: { on: 'capture', fault: 'fail', rate: 1, times: 1 } })
  const order = await shop.order('an order whose capture will be refused', { Floor: 1 })
  shop.check('nothing is looked at yet', order.json.review_until === null, order.json)
  await confirmPayment(provider, order.json.payment)
  await shop.until(order, (o) => o.reason === 'payment_in_review')
  const waits = await shop.look('a person looks at the payment', order)
  const { case: open } = (await shop.statement('its case', order)).json
  shop.check('the buyer hears of it within a day of the case', waits.json.review_until === open.releases_at &&
    Date.parse(waits.json.review_until) === Date.parse(open.opened_at) + 86_400_000, { order: waits.json, open })
  await walk.call('given up', 200, 'POST', `${shop.organiser}/orders/${order.id}/case`, { ...asked, json: { action: 'release', note: 'no answer' } })
  const over = await shop.until(order, (o) => o.reason === 'not_captured')
  shop.check('and then there is nothing to wait for', over?.review_until === null, over)
}

/** The provider fails again and again: new orders are sent away with a clear answer, and keep their places. */
async function away(walk, provider) {
  const shop = new Shop(walk, provider, await createEvent(walk.client, { ...definition, price_rules: [], packages: [], limits: { per_buyer: 40 } }))
  await provider.request('POST', '/sandbox/faults', { json: { on: 'create', fault: 'error_500', rate: 1, times: 10_000 } })
  const clients = Array.from({ length: 12 }, () => new Client(walk.port))
  const tries = await Promise.all(clients.map(async (client, i) => {
    const token = await createSession(client)
    const hold = await client.request('POST', `${shop.buyers}/holds`, { token, json: { areas: [{ id: 'Floor', quantity: 1 }] } })
    return client.request('POST', `${shop.buyers}/orders`, { token, json: { hold_id: hold.json.id, email: `away${i}@example.org` } })
  }))
  shop.check('those who came first wait', tries.every(({ status, json }) => status === 201 || json.code === 'payment_unavailable'), tries.map((t) => t.text))
  const late = await shop.hold('who comes later has a hold', { Floor: 1 })
  const wish = { token: late.token, json: { hold_id: late.json.id, email: 'late@example.org' } }
  const order = () => walk.refused('and no order', 'payment_unavailable', 'POST', `${shop.buyers}/orders`, wish)
  const first = await order()
  const again = await order()
  shop.check('it is told when to come again', Number(first.headers['retry-after']) >= 1 && first.json.retry_after >= 1, first.text)
  const kept = await walk.call('the hold meanwhile', 200, 'GET', `${shop.buyers}/holds/${late.json.id}`, { token: late.token })
  shop.check('the hold is kept longer, once', kept.json.extended && kept.json.expires_at > late.json.expires_at && first.json.expires_at === again.json.expires_at, kept.text)
  const free = await shop.hold('what costs nothing', { Floor: 1 })
  await shop.promo('a code for all of it', { code: 'gift', kind: 'percent', value: 10000 })
  await shop.useCode('with it', free, 'gift')
  const gift = await walk.call('is sold all the same', 201, 'POST', `${shop.buyers}/orders`, { token: free.token, json: { hold_id: free.json.id, email: 'g@example.org' } })
  shop.check('with a ticket', gift.json.state === 'paid' && gift.json.tickets.length === 1, gift.text)
  await provider.request('DELETE', '/sandbox/faults')
  let back
  for (let i = 0; i < 120 && back?.status !== 201; i++) {
    if (back) await sleep(500)
    back = await walk.client.request('POST', `${shop.buyers}/orders`, wish)
  }
  shop.check('with the provider back, the order is made', back.status === 201, back.text)
  for (const client of clients) client.close()
}

async function books(walk, data, shop) {
  const zero = (balances) => Object.values(balances).reduce((sum, money) => sum + money.amount, 0) === 0
  const ledger = await walk.call('the ledger of an event', 200, 'GET', `${shop.organiser}/ledger`, asked)
  shop.check('sums to zero', ledger.json.balanced && zero(ledger.json.balances), ledger.text)
  const sums = {}
  let cursor = ''
  do {
    const page = await walk.call('what its orders moved', 200, 'GET', `${shop.organiser}/ledger/orders?limit=1${cursor}`, asked)
    for (const { balances } of [...page.json.items, ...(page.json.next_cursor ? [] : [{ balances: page.json.closed }])]) {
      for (const [account, money] of Object.entries(balances)) sums[account] = (sums[account] ?? 0) + money.amount
    }
    cursor = page.json.next_cursor && `&cursor=${page.json.next_cursor}`
  } while (cursor)
  shop.check('the orders explain the balances', Object.entries(ledger.json.balances).every(([account, money]) => money.amount === sums[account]), sums)
  const all = await walk.call('the ledger of all events', 200, 'GET', `${api}/organiser/ledger`, asked)
  shop.check('in every currency zero', all.json.currencies.length >= 3 && all.json.currencies.every((c) => c.balanced && zero(c.balances)), all.text)
  await walk.call('no reconciliation of a week of no days', 400, 'POST', `${api}/organiser/reconciliation`, { ...asked, json: { days: 0 } })
  const begun = await walk.call('a reconciliation', 202, 'POST', `${api}/organiser/reconciliation`, { ...asked, json: {} })
  shop.check('it began', begun.json.state !== 'never' && begun.json.started_at !== null, begun.text)
  let told = begun
  for (let tries = 0; tries < 40 && told.json.state === 'running' && told.json.read === 0; tries += 1) {
    await sleep(100)
    told = await walk.call('how it goes', 200, 'GET', `${api}/organiser/reconciliation`, asked)
  }
  shop.check("the provider's objects are read", told.json.read > 0 && told.json.state !== 'failed', told.text)
  const checked = await runOnsale(['ledger', 'check', '--data', data])
  shop.check('onsale ledger check agrees', checked.code === 0 && checked.output.includes('the books agree'), checked.output.slice(-2000))
  const explained = await runOnsale(['ledger', 'explain', '--event', shop.event, '--account', 'organiser', '--data', data])
  const last = explained.output.trim().split('\n').pop()
  shop.check('onsale ledger explain ends with the balance', explained.code === 0 && /RefundDone.*-88\.00 EUR$/.test(last), explained.output)
  shop.check('a wrong account is wrong usage', (await runOnsale(['ledger', 'explain', '--event', shop.event, '--account', 'nobody', '--data', data])).code === 2)
}


export async function money(walk, provider, data, mails) {
  await prices(walk, provider)
  await promos(walk, provider)
  await tooSmall(walk, provider)
  await currencies(walk, provider)
  await refunds(walk, provider)
  await disputes(walk, provider)
  const shop = await cases(walk, provider, mails)
  await byHand(walk, provider, data)
  await reviewed(walk, provider)
  await away(walk, provider)
  await books(walk, data, shop)
  for (const what of ['refund', 'repaid', 'dispute', 'decided']) await mailed(shop, mails, what)
}
