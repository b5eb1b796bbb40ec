// A box office that uses a captcha service: what it asks for and says is in the contract, too.

import { Client } from '../../e2e/lib/client.mjs'
import { createEvent, createSession } from '../../e2e/lib/house.mjs'
import { Server } from '../../e2e/lib/server.mjs'
import { Verifier } from '../../e2e/lib/verifier.mjs'

/** `walkOn` makes a walk of a client and its port. */
export async function captchas(walkOn) {
  const verifier = await Verifier.create()
  const server = await Server.create({ name: 'openapi-captcha', env: {
    ...verifier.env, ONSALE_CAPTCHA_PROVIDER: 'hcaptcha', ONSALE_LIMIT_SESSION_PER_SECOND: '0', ONSALE_CHALLENGE_JOINS_PER_SECOND: '1',
  } })
  const client = new Client(server.port)
  try {
    await server.start()
    const walk = walkOn(client, server.port)
    const event = await createEvent(client, {
      plan: null, price_categories: [{ name: 'c', price: 1000 }], queue: { enabled: true },
      areas: [{ id: 'floor', name: 'Floor', capacity: 4, price_category: 'c' }],
    })
    const path = `/api/v1/events/${event}/queue`
    let token
    for (let i = 0; i < 30; i++) {
      token = await createSession(client)
      await client.request('POST', path, { token, json: {} })
    }
    const { json } = await walk.refused('joining in a rush', 'challenge_required', 'POST', path, { token, json: {} })
    walk.report.check('a captcha is asked for', json.challenge.kind === 'captcha' && json.challenge.provider === 'hcaptcha', JSON.stringify(json))
    const refused = await walk.refused('a captcha that was made up', 'challenge_required', 'POST', path, { token, json: { captcha: 'no' } })
    walk.report.check('it says so', refused.json.reason === 'captcha_refused', refused.text)
    const broken = await walk.refused('one that nobody could verify', 'challenge_required', 'POST', path, { token, json: { captcha: 'broken-1' } })
    walk.report.check('work is asked for instead', broken.json.reason === 'captcha_unavailable' && broken.json.challenge.kind === 'work', broken.text)
    await walk.refused('one that is none', 'bad_value', 'POST', path, { token, json: { captcha: 7 } })
    await walk.call('joining with a captcha', 201, 'POST', path, { token, json: { captcha: 'yes-1' } })
  } finally {
    client.close()
    await server.stop()
    verifier.close()
    server.remove()
  }
}
