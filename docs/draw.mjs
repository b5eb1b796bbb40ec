// Recomputes the draw of a waiting room from what was published: nothing has to be believed.
//
//   curl -s https://HOUSE/api/v1/events/EVENT/queue > queue.json
//   node docs/draw.mjs queue.json 4711 [priority]      the rank of place 4711
//
// docs/waiting-room.md says what each step is for.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const sha256 = (...parts) => createHash("sha256").update(Buffer.concat(parts)).digest();
const u32 = (n) => { const b = Buffer.alloc(4); b.writeUInt32LE(n); return b; };

/** rank(number) of a lane (0 general, 1 priority); seed and chainHash are hex, 32 bytes each. */
export function draw({ seed, chainHash, count, lane = 0 }) {
  const key = sha256(Buffer.from(seed, "hex"), u32(lane), u32(count), Buffer.from(chainHash, "hex"));
  let bits = 1; // of each half: the smallest domain of an even number of bits that holds the count
  while (2 ** (2 * bits) < count) bits++;
  const size = 2 ** bits;
  const f = (round, half) => sha256(key, Buffer.from([round]), u32(half)).readUInt32LE() % size;
  return (number) => {
    if (number >= count) return number; // after the lobby: in order of arrival
    do {
      let left = Math.floor(number / size), right = number % size;
      for (let round = 0; round < 8; round++) [left, right] = [right, left ^ f(round, right)];
      number = left * size + right;
    } while (number >= count);
    return number;
  };
}

export const commitment = (seed) => sha256(Buffer.from(seed, "hex")).toString("hex");

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [file, number, lane = "general"] = process.argv.slice(2);
  const { draw: d } = JSON.parse(readFileSync(file, "utf8"));
  if (commitment(d.seed) !== d.commitment) throw new Error("the seed is not the one promised");
  const count = lane === "priority" ? d.priority_count : d.count;
  const rank = draw({ seed: d.seed, chainHash: d.chain_hash, count, lane: +(lane === "priority") });
  console.log(`place ${number} of ${count}: rank ${rank(+number)}`);
}
