// SHA-256 by FIPS 180-4, with its inner step open: the proof of work hashes one block a try. The
// function is whole in itself, because its text is also what the worker runs.

export interface Sha {
  /** The message words of a block; `step` reads the first 16 and overwrites the rest. */
  words: Int32Array;
  start: Int32Array;
  /** Takes the block in `words` into the state `h`. */
  step: (h: Int32Array) => void;
  hash: (bytes: Uint8Array) => Uint8Array;
}

export function makeSha(): Sha {
  const k = new Int32Array(64);
  const start = new Int32Array(8);
  const words = new Int32Array(64);
  // Its constants are the first 32 bits behind the point of roots of the first primes.
  for (let n = 2, i = 0; i < 64; n++) {
    let d = 2;
    while (n % d) d++;
    if (d < n) continue;
    if (i < 8) start[i] = (n ** 0.5 % 1) * 2 ** 32;
    k[i++] = (n ** (1 / 3) % 1) * 2 ** 32;
  }
  const turn = (x: number, n: number): number => (x >>> n) | (x << (32 - n));

  const step = (s: Int32Array): void => {
    let a = s[0];
    let b = s[1];
    let c = s[2];
    let d = s[3];
    let e = s[4];
    let f = s[5];
    let g = s[6];
    let h = s[7];
    for (let i = 0; i < 64; i++) {
      if (i > 15) {
        const x = words[i - 15];
        const y = words[i - 2];
        words[i] =
          words[i - 16] +
          words[i - 7] +
          (turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)) +
          (turn(y, 17) ^ turn(y, 19) ^ (y >>> 10));
      }
      const t =
        h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + k[i] + words[i];
      const u = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
      h = g;
      g = f;
      f = e;
      e = (d + t) | 0;
      d = c;
      c = b;
      b = a;
      a = (t + u) | 0;
    }
    s[0] += a;
    s[1] += b;
    s[2] += c;
    s[3] += d;
    s[4] += e;
    s[5] += f;
    s[6] += g;
    s[7] += h;
  };

  const hash = (bytes: Uint8Array): Uint8Array => {
    const padded = new DataView(new ArrayBuffer(((bytes.length + 72) >> 6) << 6));
    bytes.forEach((byte, i) => padded.setUint8(i, byte));
    padded.setUint8(bytes.length, 128);
    padded.setUint32(padded.byteLength - 4, bytes.length * 8);
    const h = start.slice();
    for (let at = 0; at < padded.byteLength; at += 64) {
      for (let i = 0; i < 16; i++) words[i] = padded.getInt32(at + i * 4);
      step(h);
    }
    const out = new DataView(new ArrayBuffer(32));
    h.forEach((word, i) => out.setInt32(i * 4, word));
    return new Uint8Array(out.buffer);
  };
  return { words, start, step, hash };
}
