// What goes wrong at the provider: every kind of fault there is, each meeting one operation in ten.

/**
 * Kinds that hit any call, in groups: all of them at once leave two calls in three unanswered, and then the
 * breakers are open most of the time.
 */
const fronts = [
  ['error_500', 'timeout_after', 'delay', 'rate_limit'],
  ['error_500_after', 'late', 'duplicate', 'down'],
  ['drop', 'error_503', 'reorder'],
]

/** Faults to set, one list after the other; `together`: all in one. The first whose dice fall so happens. */
export function storms({ together, rate = 0.1, ms = 800 }) {
  const webhooks = ['delay', 'duplicate', 'reorder', 'error_500', 'timeout_after', 'late']
  // what nobody ever tells of a dispute, only a comparison of the books finds, and that takes minutes
  if (together) webhooks.push('drop')
  const of = (on, fault, time = ms) => ({ on, fault, rate, ms: time })
  const rare = [
    of('confirm', 'fail'),
    of('capture', 'fail'),
    of('refund', 'fail'),
    of('refund', 'pending'),
    ...['dispute', 'dispute_won', 'dispute_lost'].flatMap((fault) => [of('capture', fault), of('confirm', fault)]),
    of('capture', 'payout'),
    of('payout', 'fail'),
    ...webhooks.map((fault) => of('webhook', fault)),
  ]
  // while it is down every call of everybody meets that: it begins so rarely that about one call in ten does
  const down = { on: 'any', fault: 'down', rate: rate / 10, ms: 300 }
  const front = (kinds) => kinds.map((fault) => (fault === 'down' ? down : of('any', fault)))
  return (together ? [fronts.flat()] : fronts).map((kinds) => [...rare, ...front(kinds)])
}

/** A generator of numbers from 0 to 1: mulberry32. The same seed makes the same wishes. */
export function dice(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let z = Math.imul(state ^ (state >>> 15), 1 | state)
    z = (z + Math.imul(z ^ (z >>> 7), 61 | z)) ^ z
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32
  }
}
