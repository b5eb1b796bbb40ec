// An independent check of tickets: written from docs/tickets.md, with nothing but Node's own crypto.
// It is also an example for people who write gates.
//
//   node verify.mjs KEYS.json < TICKET.txt    KEYS.json: what the box office serves for the event,
//                                             {"keys": [{"kid", "alg", "public_key"}]}
//   exit code 0: genuine (what it says on stdout), 1: refused (why on stderr)
import { createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { argv, exit } from "node:process";
import { pathToFileURL } from "node:url";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const DOMAIN = Buffer.from("onsale ticket v1\0", "latin1");

/** 138 characters to 92 bytes, or null. */
export function decode(text) {
  if (text.length !== 138) return null;
  const bytes = Buffer.alloc(92);
  for (let i = 0; i < 46; i++) {
    const [a, b, c] = [...text.slice(3 * i, 3 * i + 3)].map((x) => ALPHABET.indexOf(x));
    if (a < 0 || b < 0 || !(c >= 0)) return null;
    const value = a + 45 * b + 2025 * c;
    if (value > 0xffff) return null;
    bytes.writeUInt16BE(value, 2 * i);
  }
  return bytes;
}

/** The public keys of an event by key id. */
export function readKeys(list) {
  return new Map(
    list
      .filter((key) => key.alg === "Ed25519")
      .map((key) => [
        key.kid,
        createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: key.public_key }, format: "jwk" }),
      ]),
  );
}

/** What 92 bytes say when one of the event's keys signed them, else {refused: why}. */
export function check(bytes, keys) {
  if (bytes.length !== 92) return { refused: "length" };
  if (bytes[0] !== 1) return { refused: "version" };
  const key = keys.get(bytes[1]);
  if (!key) return { refused: "unknown key" };
  const message = Buffer.concat([DOMAIN, bytes.subarray(0, 28)]);
  if (!verify(null, message, key, bytes.subarray(28))) return { refused: "signature" };
  if (bytes.readUInt16BE(26) !== 0) return { refused: "flags" };
  return {
    event: bytes.readUInt32BE(2),
    ordinal: bytes.readUInt32BE(6),
    serial: bytes.readUInt32BE(10),
    generation: bytes.readUInt16BE(14),
    product: bytes.readUInt16BE(16),
    valid_from: bytes.readUInt32BE(18),
    valid_until: bytes.readUInt32BE(22),
  };
}

if (argv[1] && import.meta.url === pathToFileURL(argv[1]).href) {
  const keys = readKeys(JSON.parse(readFileSync(argv[2], "utf8")).keys);
  const bytes = decode(readFileSync(0, "latin1").replace(/\r?\n$/, ""));
  const said = bytes ? check(bytes, keys) : { refused: "not a ticket" };
  if (said.refused) {
    console.error(said.refused);
    exit(1);
  }
  console.log(JSON.stringify(said));
}
