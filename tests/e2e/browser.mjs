// Starts the demo with a data folder of its own and lets web/run.mjs buy tickets there. The closing
// line is that program's.

import { spawn } from 'node:child_process'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { Client } from './lib/client.mjs'
import { adminToken, Server, top } from './lib/server.mjs'

/** A new demo makes its events after it is ready; halls of 40,000 seats take a moment. */
async function eventsThere(port) {
  const client = new Client(port)
  for (let look = 0; look < 300; look++) {
    const { json } = await client.request('GET', '/api/v1/events')
    if (json.items.length >= 5) return client.close()
    await sleep(100)
  }
  throw new Error('the demo made no events within half a minute')
}

// So few joins are many: then a handful of visitors is asked to compute.
const env = { ONSALE_CHALLENGE_JOINS_PER_SECOND: '20' }
const server = await Server.create({ name: 'browser', command: ['demo'], env })
try {
  await server.start()
  await eventsThere(server.port)
  const child = spawn(
    process.execPath,
    [path.join(top, 'tests/e2e/web/run.mjs'), `http://127.0.0.1:${server.port}`, ...process.argv.slice(2)],
    { stdio: 'inherit', env: { ...process.env, ONSALE_ADMIN_TOKEN: adminToken } },
  )
  process.exitCode = await new Promise((resolve) => child.once('close', (code) => resolve(code ?? 1)))
  if (process.exitCode) console.log(server.lastLog())
} finally {
  await server.stop()
  server.remove()
}
