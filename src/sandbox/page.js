// The books on the page: asked for every two seconds, drawn anew only when they changed.
'use strict'

const find = (id) => document.getElementById(id)
const tones = {
  succeeded: 'good', won: 'good', paid: 'good', requires_capture: 'wait', processing: 'wait',
  requires_action: 'wait', pending: 'wait', needs_response: 'wait', under_review: 'wait',
  warning_needs_response: 'wait', warning_under_review: 'wait', failed: 'bad', lost: 'bad',
}
const shown = 100

function money(amount, currency) {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency: currency.toUpperCase() })
  return format.format(amount / 10 ** format.resolvedOptions().maximumFractionDigits)
}

function element(name, text, className) {
  const made = document.createElement(name)
  if (text !== undefined) made.textContent = text
  if (className) made.className = className
  return made
}

function complain(text) {
  find('message').textContent = text
  if (text) setTimeout(() => { find('message').textContent = '' }, 6000)
}

async function ask(path, method = 'GET', body = undefined) {
  const answer = await fetch(path, {
    method, body: body && JSON.stringify(body), headers: body ? { 'Content-Type': 'application/json' } : {},
  })
  const json = await answer.json()
  if (!answer.ok && json.error) complain(json.error.message)
  return json
}

// A button that does something to one thing; its key brings the focus back after drawing.
function action(label, path, body, name) {
  const button = element('button', label)
  button.dataset.key = `${path} ${label}`
  button.setAttribute('aria-label', `${label}: ${name}`)
  button.addEventListener('click', () => ask(path, 'POST', body).then(look))
  return button
}

function row(cells, actions) {
  const tr = element('tr')
  for (const cell of cells) {
    const [text, className] = Array.isArray(cell) ? cell : [cell]
    const td = element('td', text ?? '', className)
    if (className === 'id') td.title = text ?? ''
    tr.append(td)
  }
  if (actions) {
    const td = element('td', undefined, 'do')
    td.append(...actions)
    tr.append(td)
  }
  return tr
}

const state = (word) => [word.replaceAll('_', ' '), tones[word]]

function draw(name, things, columns, make, total) {
  const rows = things.map(make)
  if (rows.length === 0) {
    const cell = element('td', 'None yet.', 'empty')
    cell.colSpan = columns
    const tr = element('tr')
    tr.append(cell)
    rows.push(tr)
  }
  find(name).replaceChildren(...rows)
  find(`${name}-count`).textContent = total > things.length ? `newest ${things.length} of ${total}` : things.length || ''
}

function drawIntent(intent) {
  const actions = []
  const path = `/sandbox/authenticate/${intent.id}`
  if (intent.status === 'requires_action') {
    actions.push(action('Approve', path, { outcome: 'succeed' }, intent.id))
    actions.push(action('Refuse', path, { outcome: 'fail' }, intent.id))
  }
  const left = intent.amount_captured - intent.amount_refunded - intent.amount_disputed
  if (left > 0) actions.push(action('Dispute', '/sandbox/disputes', { intent: intent.id }, intent.id))
  const back = intent.amount_refunded + intent.amount_disputed
  const { currency } = intent
  return row([[intent.id, 'id'], state(intent.status), [money(intent.amount, currency), 'n'],
    [intent.amount_captured ? money(intent.amount_captured, currency) : '', 'n'],
    [back ? money(back, currency) : '', 'n'], [intent.metadata.order_id, 'id']], actions)
}

function drawRefund(refund) {
  const path = `/sandbox/refunds/${refund.id}`
  const actions = []
  if (refund.status === 'pending') actions.push(action('Succeed', path, { outcome: 'succeeded' }, refund.id))
  if (refund.status === 'pending' || refund.status === 'succeeded')
    actions.push(action('Fail', path, { outcome: 'failed' }, refund.id))
  return row([[refund.id, 'id'], state(refund.status), [money(refund.amount, refund.currency), 'n'],
    [refund.order, 'id']], actions)
}

function drawDispute(dispute) {
  const path = `/sandbox/disputes/${dispute.id}`
  const open = tones[dispute.status] === 'wait'
  const actions = open ? [action('Won', path, { outcome: 'won' }, dispute.id),
    action('Lost', path, { outcome: 'lost' }, dispute.id)] : []
  return row([[dispute.id, 'id'], state(dispute.status), dispute.reason.replaceAll('_', ' '),
    [money(dispute.amount, dispute.currency), 'n'], [dispute.order, 'id']], actions)
}

function drawPayout(payout) {
  const actions = payout.status === 'failed' ? []
    : [action('Fail', `/sandbox/payouts/${payout.id}`, { outcome: 'failed' }, payout.id)]
  return row([[payout.id, 'id'], state(payout.status), [money(payout.amount, payout.currency), 'n']], actions)
}

function drawEvent(event) {
  return row([new Date(event.created * 1000).toLocaleTimeString(), event.type,
    event.pending ? ['on its way', 'wait'] : ['done', ''], [event.order, 'id']])
}

function figure(name, value, className = '') {
  const box = element('div', undefined, `figure ${className}`)
  box.append(element('b', value), element('span', name))
  return box
}

function drawBalances(books) {
  const boxes = books.balances.flatMap((b) => [
    figure(b.balanced ? 'balance' : 'balance (the books are wrong)', money(b.balance, b.currency), 'sum'),
    figure('captured', money(b.captured, b.currency)), figure('refunded', money(b.refunded, b.currency)),
    figure('disputed', money(b.disputed, b.currency)), figure('paid out', money(b.paid_out, b.currency))])
  find('balances').replaceChildren(...(boxes.length ? boxes : [figure('balance', '0', 'sum')]))
}

function drawFaults({ faults }) {
  find('faults').replaceChildren(...faults.map((fault) => {
    const item = element('li')
    const text = element('div', `${fault.fault} on ${fault.on}`)
    const left = fault.times_left === null ? 'no limit' : `${fault.times_left} left`
    text.append(element('small', `share ${fault.rate}, ${left}, happened ${fault.fired} times`))
    const button = element('button', 'Remove')
    button.dataset.key = `fault ${fault.number}`
    button.setAttribute('aria-label', `Remove ${fault.fault} on ${fault.on}`)
    button.addEventListener('click', () => ask(`/sandbox/faults/${fault.number}`, 'DELETE').then(look))
    item.append(text, button)
    return item
  }))
  find('faults-clear').hidden = faults.length === 0
}

let last = ''

async function look() {
  const order = find('order').value.trim()
  const query = new URLSearchParams({ limit: String(shown), ...(order && { order }) })
  let books
  let faults
  try {
    books = await ask(`/sandbox/books?${query}`)
    faults = await ask('/sandbox/faults')
  } catch {
    find('state').textContent = 'The sandbox does not answer.'
    return
  }
  const { totals } = books
  find('state').textContent = `${totals.intents} payments, ${totals.webhooks_pending} webhooks on their way, `
    + `${totals.still_to_come} things still to come`
  const text = JSON.stringify([books, faults])
  if (text === last) return
  last = text
  const key = document.activeElement?.dataset?.key
  const most = (name) => (order ? 0 : totals[name])
  drawBalances(books)
  draw('intents', books.intents, 7, drawIntent, most('intents'))
  draw('refunds', books.refunds, 5, drawRefund, most('refunds'))
  draw('disputes', books.disputes, 6, drawDispute, most('disputes'))
  draw('payouts', books.payouts, 4, drawPayout, most('payouts'))
  draw('events', books.events, 4, drawEvent, 0)
  drawFaults(faults)
  if (key) document.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus()
}

function fill(select, words) {
  select.replaceChildren(...words.map((word) => element('option', word)))
}

async function begin() {
  const { possible } = await ask('/sandbox/faults')
  const { on, fault } = find('fault').elements
  fill(on, Object.keys(possible))
  fill(fault, possible[on.value])
  on.addEventListener('change', () => fill(fault, possible[on.value]))
  const times = await ask('/sandbox/settings')
  for (const [name, value] of Object.entries(times)) find('times').elements[name].value = value
  await look()
  setInterval(() => { if (!document.hidden) look() }, 2000)
}

find('fault').addEventListener('submit', (event) => {
  event.preventDefault()
  const { on, fault, rate, times, ms } = event.target.elements
  ask('/sandbox/faults', 'POST', { on: on.value, fault: fault.value, rate: Number(rate.value),
    ...(times.value && { times: Number(times.value) }), ...(ms.value && { ms: Number(ms.value) }) }).then(look)
})
find('times').addEventListener('submit', (event) => {
  event.preventDefault()
  const read = Object.fromEntries([...new FormData(event.target)].map(([name, value]) => [name, Number(value)]))
  ask('/sandbox/settings', 'POST', read).then(look)
})
find('faults-clear').addEventListener('click', () => ask('/sandbox/faults', 'DELETE').then(look))
find('payout-all').addEventListener('click', () => ask('/sandbox/payouts', 'POST', {}).then(look))
find('order').addEventListener('input', look)
document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.target.matches('input, select')) return
  event.preventDefault()
  find('order').focus()
})
begin().catch(() => { find('state').textContent = 'The sandbox does not answer.' })
