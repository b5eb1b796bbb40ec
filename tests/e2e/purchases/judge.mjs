// The judge: reads the provider's books, what the organiser is shown, and what the program says of its own
// journal, and does not believe any of them without the others. It shares no code with the program.

import { seatStates } from '../lib/house.mjs'
import { runOnsale } from '../lib/server.mjs'
import { api } from './shop.mjs'

const accounts = ['buyers', 'provider', 'organiser', 'fees', 'tax', 'refunds', 'disputes']
const sum = (list, of = (x) => x) => list.reduce((total, item) => total + of(item), 0)

const sumOfRefunds = (statement, state) => sum(statement.refunds.filter((refund) => refund.state === state), (refund) => refund.amount.amount)

/** What one order is, by all books. */
class Case {
  constructor(id, event, statement, told, intents, refunds, disputes) {
    Object.assign(this, { id, event, statement, told, intents, refunds, disputes })
  }

  get open() {
    return this.statement.case
  }

  get taken() {
    return sum(this.intents, (intent) => intent.amount_captured)
  }

  /** What the provider still has of it. */
  get net() {
    return sum(this.intents, (intent) => intent.amount_captured - intent.amount_refunded - intent.amount_disputed)
  }

  get tickets() {
    return this.statement.lines.filter((line) => line.ticket)
  }

  get isDisputed() {
    return this.disputes.some((dispute) => !/^(won|warning)/.test(dispute.status))
  }
}

export class Judge {
  constructor(shop, report) {
    this.shop = shop
    this.report = report
    this.desk = shop.organiser()
    this.faults = new Map()
  }

  blame(kind, what) {
    const list = this.faults.get(kind) ?? []
    list.push(what)
    this.faults.set(kind, list)
    if (list.length <= 4) console.log(`  ${kind}: ${what}`)
  }

  check(kind, name, figures) {
    const list = this.faults.get(kind) ?? []
    this.report.check(name, list.length === 0, list.length ? `${list.length} times, first: ${list[0]}` : figures)
  }

  async #get(path) {
    const answer = await this.shop.ask(this.desk, 'GET', path)
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text}`)
    return answer.json
  }

  async gather() {
    const books = await Promise.all(this.shop.banks.map((bank) => bank.books()))
    this.books = books
    const intents = books.flatMap((book, bank) => book.intents.map((intent) => ({ ...intent, bank })))
    const by = (list, key) => Map.groupBy(list, key)
    const intentsOf = by(intents, (intent) => intent.metadata.order_id)
    const refundsOf = by(books.flatMap((book) => book.refunds), (refund) => refund.order)
    const disputesOf = by(books.flatMap((book) => book.disputes), (dispute) => dispute.order)
    const eventOf = new Map()
    this.events = []
    for (const event of this.shop.events) {
      const path = `${api}/organiser/events/${event.id}`
      const ledger = await this.#get(`${path}/ledger`)
      const moved = await this.shop.list(this.desk, `${path}/ledger/orders`)
      const { items: cases } = await this.shop.list(this.desk, `${path}/cases`)
      for (const item of moved.items) eventOf.set(item.order_id, event)
      this.events.push({ event, ledger: ledger.balances, closed: moved.closed, moved: moved.items, cases })
    }
    for (const order of this.shop.orders.values()) eventOf.set(order.id, order.event)
    this.orders = []
    for (const id of new Set([...eventOf.keys(), ...intentsOf.keys()])) {
      const event = eventOf.get(id) ?? (await this.#findEvent(id))
      if (!event) {
        this.blame('charged', `the provider has an intent for ${id}, of which nobody knows`)
        continue
      }
      const statement = await this.#get(`${api}/organiser/events/${event.id}/orders/${id}`)
      this.orders.push(new Case(id, event, statement, this.shop.orders.get(id), intentsOf.get(id) ?? [],
        refundsOf.get(id) ?? [], disputesOf.get(id) ?? []))
    }
  }

  /** An order whose buyer never learnt of it. */
  async #findEvent(id) {
    for (const event of this.shop.events) {
      const answer = await this.shop.ask(this.desk, 'GET', `${api}/organiser/events/${event.id}/orders/${id}`)
      if (answer.status === 200) return event
    }
    return null
  }

  // ---- order by order ----

  judgeOrder(order) {
    const { id, statement, intents } = order
    const where = `${id} (${statement.state}, ${statement.reason}${order.open ? `, case ${order.open.reason}` : ''})`
    const captured = intents.filter((intent) => intent.amount_captured > 0)
    if (captured.length > 1) this.blame('twice', `${where} was charged by ${captured.map((intent) => intent.id)}`)
    if (order.taken > statement.total.amount) this.blame('twice', `${where}: ${order.taken} taken for ${statement.total.amount}`)
    if (new Set(intents.map((intent) => intent.bank)).size > 1) this.blame('twice', `${where} is at two providers`)
    const paidBack = order.refunds.filter((refund) => refund.status === 'succeeded' || refund.status === 'pending')
    const names = paidBack.map((refund) => refund.metadata.refund)
    if (new Set(names).size !== names.length) this.blame('twice', `${where}: a refund was paid twice: ${names}`)

    if (order.open) return
    if (['pending', 'processing', 'attention'].includes(statement.state) && statement.reason !== 'disputed') this.blame('unended', where)
    if (statement.payment.owed_call) this.blame('unended', `${where} owes ${statement.payment.owed_call}`)
    // what the provider has is what the tickets cost
    const worth = sum(order.tickets, (line) => line.total.amount)
    const settled = sumOfRefunds(statement, 'settled')
    if (order.isDisputed) {
      if (order.tickets.length) this.blame('charged', `${where} has tickets, and the bank took the money back`)
      const gone = sum(statement.disputes.filter((dispute) => dispute.state !== 'won'), (dispute) => dispute.amount.amount)
      const left = statement.total.amount - sumOfRefunds(statement, 'done') - gone
      if (order.net !== left) this.blame('charged', `${where}: the provider has ${order.net}, and ${left} should be left`)
    } else if (order.net !== worth + settled) {
      this.blame('charged', `${where}: the provider has ${order.net} (${settled} of it paid back from elsewhere), its tickets cost ${worth}`)
    }
    if (order.told?.wasPaid && !order.tickets.length && !order.isDisputed && statement.refunds.length === 0 && statement.total.amount > 0 &&
        statement.reason !== 'not_captured') {
      this.blame('charged', `${where} was paid, and its tickets are gone`)
    }
    this.judgeBalances(order, where)
  }

  /** Each account of an order from its lines, refunds and disputes; without a case everything has its place. */
  judgeBalances(order, where) {
    const { statement } = order
    const lost = statement.disputes.some((dispute) => dispute.state === 'lost')
    const open = statement.disputes.find((dispute) => dispute.state === 'open')
    const worthless = lost || !['captured'].includes(statement.payment.state)
    const kept = statement.total.amount === 0 || worthless ? [] : statement.lines.filter((line) => line.refund_id === null)
    const settled = sumOfRefunds(statement, 'settled')
    const lostMore = lost ? this.lostBeyondLines(order) : 0
    const expected = {
      buyers: 0,
      provider: order.net,
      organiser: lostMore - settled - sum(kept, (line) => line.organiser.amount),
      fees: -sum(kept, (line) => line.fees.amount),
      tax: -sum(kept, (line) => line.tax.amount),
      refunds: -sumOfRefunds(statement, 'pending'),
      disputes: open ? open.amount.amount : 0,
    }
    for (const account of accounts) {
      const has = statement.balances[account].amount
      if (has !== expected[account]) this.blame('ledger', `${where}: ${account} is ${has}, not ${expected[account]}`)
    }
  }

  /** A bank takes back the whole payment; what was refunded before is the organiser's loss. */
  lostBeyondLines(order) {
    const lost = sum(order.statement.disputes.filter((dispute) => dispute.state === 'lost'), (dispute) => dispute.amount.amount)
    const lines = order.statement.lines.filter((line) => line.refund_id === null)
    return lost - sum(lines, (line) => line.total.amount)
  }

  // ---- event by event ----

  judgeEvent({ event, ledger, closed, moved, cases }) {
    const orders = this.orders.filter((order) => order.event === event)
    const total = sum(accounts, (account) => ledger[account].amount)
    if (total !== 0) this.blame('ledger', `${event.currency}: the accounts sum to ${total}`)
    for (const account of accounts) {
      const parts = sum(moved, (item) => item.balances[account].amount) + closed[account].amount
      const own = sum(orders, (order) => order.statement.balances[account].amount) + closed[account].amount
      if (parts !== ledger[account].amount || own !== parts) {
        this.blame('ledger', `${event.currency}: ${account} is ${ledger[account].amount}, its orders ${own} and ${parts}`)
      }
    }
    // where nobody has to look, nothing is between the accounts
    const explained = (of) => sum(orders.filter((order) => order.open || order.isDisputed), (order) => of(order.statement.balances))
    for (const account of ['buyers', 'refunds', 'disputes']) {
      const left = ledger[account].amount - explained((balances) => balances[account].amount)
      if (left !== 0) this.blame('ledger', `${event.currency}: ${account} is ${ledger[account].amount}, and ${left} of it has no case`)
    }
    const known = orders.filter((order) => !order.open && !order.isDisputed)
    const has = sum(known, (order) => order.net)
    const sold = sum(known, (order) => sum(order.tickets, (line) => line.total.amount))
    const settled = sum(known, (order) => sumOfRefunds(order.statement, 'settled'))
    if (has !== sold + settled) this.blame('provider', `${event.currency}: ${has} lie there, ${sold} is sold, and ${settled} was settled elsewhere`)
    const listed = new Set(cases.map((item) => item.order_id))
    for (const order of orders) {
      if (Boolean(order.open) !== listed.has(order.id)) this.blame('unended', `${order.id}: its case is ${order.open ? 'not ' : ''}listed`)
    }
  }

  async judgeSeats({ event }) {
    const orders = this.orders.filter((order) => order.event === event)
    const owner = new Map()
    const tickets = new Set()
    for (const order of orders) {
      for (const line of order.tickets) {
        if (tickets.has(line.ticket)) this.blame('seats', `ticket ${line.ticket} twice`)
        tickets.add(line.ticket)
        if (!line.seat) continue
        if (owner.has(line.seat)) this.blame('seats', `${line.seat} is ${order.id}'s and ${owner.get(line.seat)}'s`)
        owner.set(line.seat, order.id)
      }
    }
    const availability = await this.#get(`${api}/events/${event.id}/availability`)
    const states = seatStates(availability, event.guids.length)
    const held = states.filter((state) => state === 1).length
    if (held) this.blame('seats', `${held} seats are still held`)
    const mayBeSold = new Set(orders.filter((order) => order.open || order.isDisputed).flatMap((order) => order.statement.lines.map((line) => line.seat)))
    event.guids.forEach((guid, i) => {
      const isSold = states[i] === 2
      if (isSold !== owner.has(guid) && !mayBeSold.has(guid)) this.blame('seats', `${guid} is ${isSold ? 'sold to nobody' : `not sold, and ${owner.get(guid)}'s`}`)
    })
  }

  async judgePromos({ event }) {
    const answer = await this.shop.ask(this.desk, 'POST', `${api}/organiser/events/${event.id}/promo_codes/look`, { json: { codes: event.promos } })
    for (const promo of answer.json.items) {
      if (promo.uses && promo.used > promo.uses) this.blame('promo', `${promo.code} was used ${promo.used} times of ${promo.uses}`)
      if (promo.budget && promo.spent.amount > promo.budget.amount) this.blame('promo', `${promo.code} took off ${promo.spent.amount} of ${promo.budget.amount}`)
      // sold and not voided: refunds and lost disputes give no use back
      const users = this.orders.filter((order) => order.told?.promo === promo.code && order.event === event)
      const sold = users.filter((order) => ['paid', 'refunded', 'partially_refunded', 'attention'].includes(order.statement.state) &&
        !['late_refunded'].includes(order.statement.reason))
      const sure = sold.filter((order) => !order.open)
      if (promo.used < sure.length || promo.used > sold.length + users.filter((order) => order.open).length) {
        this.blame('promo', `${promo.code} says it was used ${promo.used} times, and ${sold.length} orders have it`)
      }
    }
  }

  // ---- all ----

  async judge() {
    await this.gather()
    for (const order of this.orders) this.judgeOrder(order)
    for (const one of this.events) {
      this.judgeEvent(one)
      await this.judgeSeats(one)
      await this.judgePromos(one)
    }
    for (const [i, book] of this.books.entries()) {
      for (const balance of book.balances) if (!balance.balanced) this.blame('provider', `its own books do not balance: ${JSON.stringify(balance)} (${i})`)
    }
    const states = Object.entries(Object.groupBy(this.orders, (order) => order.statement.reason)).map(([name, list]) => `${list.length} ${name}`)
    const cases = this.orders.filter((order) => order.open)
    this.check('unended', 'every order has ended, or is a case that is listed', `${states.join(', ')}; cases: ${cases.map((order) => order.open.reason).join(', ') || 'none'}`)
    this.check('charged', 'every charge has its tickets or went back', `${this.orders.filter((order) => order.taken > 0).length} charged`)
    this.check('twice', 'nothing was charged or paid back twice', `${sum(this.books, (book) => book.refunds.length)} refunds`)
    this.check('ledger', 'the ledger is zero where it must be, order by order', this.events.map(({ event, ledger }) => `${event.currency} provider ${ledger.provider.amount}`).join(', '))
    this.check('provider', 'the provider has what is sold and not given back', '')
    this.check('seats', 'no seat is sold twice, none is lost', '')
    this.check('promo', 'no promo code was used or spent beyond its bounds', '')
    this.desk.client.close()
  }
}

/** The program's own checks of its journal, which must agree with the judge. */
export async function judgeJournal(report, server, when, { reconcile = true } = {}) {
  const said = ({ output }) => output.trim().split('\n').slice(-3).join('; ')
  const verified = await runOnsale(['journal', 'verify', '--data', server.data])
  report.check(`the journal verifies ${when}`, verified.code === 0, said(verified))
  const ledger = await runOnsale(['ledger', 'check', '--data', server.data])
  report.check(`onsale ledger check agrees ${when}`, ledger.code === 0, said(ledger))
  if (!reconcile) return
  const compared = await runOnsale(['payments', 'reconcile', '--data', server.data, '--grace', '1', '--again', '3'], { env: server.env })
  report.check(`onsale payments reconcile finds nothing ${when}`, compared.code === 0, compared.code ? compared.output.trim() : said(compared))
}
