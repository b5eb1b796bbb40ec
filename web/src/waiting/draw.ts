// The draw of the lobby, worked out again in the page from what was published (docs/draw.mjs says
// the same for everybody).

/** SHA-256: the browser's own where it has one (only on https), or ours. */
export type Hash = (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array> | Uint8Array;

export interface Drawn {
  seed: string;
  chain_hash: string;
  count: number;
  /** 0 general, 1 priority. */
  lane: number;
}

export const bytesOf = (hex: string): number[] =>
  (hex.match(/../g) ?? []).map((pair) => parseInt(pair, 16));

const u32 = (n: number): number[] => [n, n >>> 8, n >>> 16, n >>> 24];

export const keyOf = (hash: Hash, { seed, chain_hash, count, lane }: Drawn): ReturnType<Hash> =>
  hash(new Uint8Array([...bytesOf(seed), ...u32(lane), ...u32(count), ...bytesOf(chain_hash)]));

/** The turn of a place. Who came after the lobby had closed has the turn of its number. */
export async function rankOf(hash: Hash, drawn: Drawn, number: number): Promise<number> {
  const { count } = drawn;
  if (number >= count) return number;
  const key = await keyOf(hash, drawn);
  let size = 2;
  while (size * size < count) size *= 2;
  do {
    let left = Math.floor(number / size);
    let right = number % size;
    for (let round = 0; round < 8; round++) {
      const [low, high] = await hash(new Uint8Array([...key, round, ...u32(right)]));
      [left, right] = [right, left ^ ((low | (high << 8)) & (size - 1))];
    }
    number = left * size + right;
  } while (number >= count);
  return number;
}
