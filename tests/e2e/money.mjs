// Money with real processes: a box office and a payment provider, each a process with books of its own. Buyers
// pay in every way there is, with promo codes and packages; the organiser refunds, banks dispute. All the
// while faults of every kind meet one call in ten, the server is killed every few seconds, and the provider
// once. Then faults end, everything has to drain, and a judge compares the provider's books with the ledger, the tickets and
// the journal. After that the provider goes away for a while, first alone, then with a second one to go to.
//
//   tests/e2e/money [purchases = 2000] [seed = 1] [seconds without a provider = 600] [faults outage second ...]

import { setTimeout as sleep } from 'node:timers/promises'

import { Bank } from './lib/bank.mjs'
import { Findings } from './lib/crash.mjs'
import { runReport } from './lib/report.mjs'
import { Server } from './lib/server.mjs'
import { Buyer } from './purchases/buyer.mjs'
import { Judge, judgeJournal } from './purchases/judge.mjs'
import { Clerk, afterwards } from './purchases/organiser.mjs'
import { tryOutage } from './purchases/outage.mjs'
import { Shop, openEvents } from './purchases/shop.mjs'
import { drain, reconcile } from './purchases/drain.mjs'
import { dice, storms } from './purchases/weather.mjs'

const purchases = Number(process.argv[2] ?? 2000)
const seed = Number(process.argv[3] ?? 1)
const outageSeconds = Number(process.argv[4] ?? 600)
const parts = process.argv.length > 5 ? process.argv.slice(5) : ['faults', 'outage', 'second']
const isFull = purchases >= 1000 // all kinds of faults at once, lost webhooks, and minutes to find what they said
const width = 60 // buyers at a time

/** Kills the server every few seconds, and the provider once, until the buyers are done. */
class Killer {
  kills = 0
  #stopping = false
  #work

  constructor(shop, random) {
    this.#work = this.#loop(shop, random)
  }

  async #loop({ server, banks }, random) {
    while (!this.#stopping) {
      await sleep(1500 + random() * 2500)
      if (this.#stopping) break
      await server.kill()
      this.kills++
      if (this.kills === 2) {
        await banks[0].kill()
        await sleep(500)
        await banks[0].start()
      }
      await server.start()
    }
  }

  async stop() {
    this.#stopping = true
    await this.#work
  }
}

/** One list of faults after the other, a few seconds each; none once it is stopped. */
class Weather {
  #stopping = false
  #work

  constructor(bank, lists) {
    this.bank = bank
    this.#work = this.#loop(lists)
  }

  async #loop(lists) {
    for (let i = 0; !this.#stopping; i++) {
      await this.bank.setFaults(lists[i % lists.length])
      for (let waited = 0; waited < 40 && !this.#stopping; waited++) await sleep(100)
      if (lists.length === 1) while (!this.#stopping) await sleep(100)
    }
  }

  async stop() {
    this.#stopping = true
    await this.#work
    await this.bank.setFaults([])
  }
}

async function buyAll(shop, random) {
  let next = 0
  const one = async () => {
    const desk = shop.organiser()
    while (next < purchases) {
      const number = next++
      const order = await new Buyer(shop, number, seed).buy()
      if (order?.told.state === 'paid') await afterwards(shop, desk, order, random)
    }
    desk.client.close()
  }
  await Promise.all(Array.from({ length: Math.min(width, purchases) }, one))
}

/** Servers and providers in a folder of their own, gone afterwards. */
async function withShop(report, name, bankNames, work) {
  const failedBefore = report.failed
  const server = await Server.create({
    name: `money-${name}`,
    command: ['serve'],
    env: { ONSALE_LIMIT_SESSION_PER_SECOND: '0', ONSALE_LIMIT_CARDS: 'yes', ONSALE_PAYMENT_CALLS_PER_SECOND: '0', ONSALE_LOG_REQUESTS: 'no' },
  })
  const banks = []
  for (const [i, bankName] of bankNames.entries()) {
    const bank = await Bank.create({ folder: server.folder, webhookPort: server.port, name: bankName, seed: seed + i })
    Object.assign(server.env, bank.env(i ? 'STRIPE2' : 'STRIPE'))
    banks.push(bank)
  }
  const findings = new Findings()
  console.log(`-- ${name}`)
  try {
    for (const bank of banks) await bank.start()
    await server.start()
    const shop = new Shop({ server, banks, findings })
    const desk = shop.organiser()
    await work(shop, desk)
    desk.client.close()
    findings.report(report, 'error', 'no answer is a server error')
    findings.report(report, 'lost', 'nothing that was acknowledged is lost')
    findings.report(report, 'unexpected', 'no refusal without a reason')
    findings.report(report, 'unavailable', 'who is sent away is told when to come back')
    const { code } = await server.stop()
    report.check('the server ends in order', code === 0, `exit status ${code}`)
  } catch (error) {
    report.check(`${name} ran to its end`, false, error?.stack ?? String(error))
  } finally {
    await server.stop()
    for (const bank of banks) {
      await bank.kill()
      bank.close()
    }
    server.remove(report.failed > failedBefore)
  }
}

async function tryFaults(report, shop, desk) {
  const random = dice(seed)
  const [bank] = shop.banks
  await openEvents(shop, desk, purchases)
  await bank.insist('POST', '/sandbox/settings', { processing_ms: 1500, refund_ms: 500, dispute_ms: 500, payout_ms: 500 })
  const weather = new Weather(bank, storms({ together: isFull }))
  const clerk = new Clerk(shop)
  const killer = new Killer(shop, random)
  const began = performance.now()
  const progress = setInterval(() => console.log(`  ${((performance.now() - began) / 1000).toFixed(0)} s: ${shop.orders.size} orders`), 10_000)
  try {
    await buyAll(shop, random)
  } finally {
    clearInterval(progress)
    await killer.stop()
    await weather.stop()
  }
  const took = (performance.now() - began) / 1000
  const drained = await drain(shop, desk, { patienceMs: 300_000 })
  await clerk.stop()
  const settled = await drain(shop, desk, { patienceMs: 120_000 })
  console.log(`  ${purchases} purchases in ${took.toFixed(0)} s, ${killer.kills} kills; drained in ${drained.seconds} s and ${settled.seconds} s`)
  console.log(`  ${Object.entries(shop.counts).map(([what, count]) => `${count} ${what}`).join(', ')}`)
  report.check('everything drains once faults have ended', drained.done && settled.done, drained.left || settled.left)
  if (isFull) {
    const compared = await reconcile(shop, desk)
    report.check('the server compares its books with the provider', compared?.state === 'done', `${compared?.difference_count} differences, each a case now`)
  }
  await shop.server.kill()
  await judgeJournal(report, shop.server, 'as the last crash left it', { reconcile: false })
  await shop.server.start()
  await new Judge(shop, report).judge()
  await judgeJournal(report, shop.server, 'in the end')
}

const all = {
  faults: { banks: ['bank'], run: tryFaults },
  outage: { banks: ['bank'], run: (report, shop, desk) => tryOutage(report, shop, desk, { seconds: outageSeconds, seed }) },
  second: { banks: ['first', 'second'], run: (report, shop, desk) => tryOutage(report, shop, desk, { seconds: Math.min(outageSeconds, 60), seed }) },
}

await runReport(async (report) => {
  for (const part of parts) {
    const { banks, run } = all[part]
    await withShop(report, part, banks, (shop, desk) => run(report, shop, desk))
  }
})
