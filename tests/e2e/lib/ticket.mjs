// A gate written from docs/tickets.md alone: it shares no code with the program and checks tickets
// with Node's own crypto.

import { createPublicKey, verify } from 'node:crypto'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:'
const domain = Buffer.from('onsale ticket v1\0', 'latin1')
const spki = Buffer.from('302a300506032b6570032100', 'hex') // an Ed25519 public key in DER, without its 32 bytes

/** RFC 9285; null when the text is not base45. */
export function base45Decode(text) {
  if (text.length % 3 === 1) return null
  const out = []
  for (let i = 0; i < text.length; i += 3) {
    const digits = [...text.slice(i, i + 3)].map((letter) => alphabet.indexOf(letter))
    if (digits.includes(-1)) return null
    const value = digits[0] + digits[1] * 45 + (digits[2] ?? 0) * 2025
    if (value > (digits.length === 3 ? 0xffff : 0xff)) return null
    if (digits.length === 3) out.push(value >> 8)
    out.push(value & 0xff)
  }
  return Buffer.from(out)
}

/** The event's public keys as GET /events/{id}/keys gives them, by key id. */
export function readKeys(answer) {
  return new Map(
    answer.keys.map((key) => [
      key.kid ?? key.key_id,
      createPublicKey({
        key: Buffer.concat([spki, Buffer.from(key.public_key, 'base64')]),
        format: 'der',
        type: 'spki',
      }),
    ]),
  )
}

/** What a true token says, or null. */
export function verifyTicket(token, keys) {
  const bytes = base45Decode(token)
  if (!bytes || bytes.length !== 92 || bytes[0] !== 1) return null
  const key = keys.get(bytes[1])
  if (!key) return null
  if (!verify(null, Buffer.concat([domain, bytes.subarray(0, 28)]), key, bytes.subarray(28))) return null
  return {
    event: bytes.readUInt32BE(2),
    ordinal: bytes.readUInt32BE(6),
    serial: bytes.readUInt32BE(10),
    generation: bytes.readUInt16BE(14),
    product: bytes.readUInt16BE(16),
  }
}
