// The work that may be asked of whoever joins while very many do: numbers whose hashes begin with
// zero bits (src/guard/challenge.h). Done in a worker whose program is the text of these functions.
import type { Sha } from "./sha.ts";
import { makeSha } from "./sha.ts";

export interface Puzzles {
  challenge: string;
  puzzles: number;
  bits: number;
}

/** Whole in itself, like makeSha. Tells each puzzle that is done; returns the solution's bytes. */
export function solve(sha: Sha, task: Puzzles, told: (done: number) => void): Uint8Array {
  const text = Uint8Array.from(task.challenge, (letter) => letter.charCodeAt(0));
  const seed = new DataView(sha.hash(text).buffer);
  const out = new DataView(new ArrayBuffer(task.puzzles * 4));
  const h = new Int32Array(8);
  const { words } = sha;
  for (let i = 0; i < task.puzzles; i++) {
    let n = 0;
    for (; ; n++) {
      // 32 bytes of seed, one of the puzzle, four of the number, and the padding: one block.
      for (let j = 0; j < 8; j++) words[j] = seed.getInt32(j * 4);
      words[8] = (i << 24) | (n >>> 8);
      words[9] = (n << 24) | (1 << 23);
      words.fill(0, 10, 15);
      words[15] = 37 * 8;
      h.set(sha.start);
      sha.step(h);
      if (h[0] >>> (32 - task.bits) === 0) break;
    }
    out.setUint32(i * 4, n);
    told(i + 1);
  }
  return new Uint8Array(out.buffer);
}

export const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");

/** Solves in a worker. `told` gets the part that is done, from 0 to 1. Fails when it is stopped. */
export async function workOn(
  task: Puzzles,
  told: (part: number) => void,
  stop: AbortSignal,
): Promise<string> {
  const program = `onmessage=e=>postMessage((${solve})((${makeSha})(),e.data,n=>postMessage(n)))`;
  const address = URL.createObjectURL(new Blob([program], { type: "text/javascript" }));
  const worker = new Worker(address);
  try {
    return await new Promise<string>((done, fail) => {
      worker.onmessage = ({ data }: MessageEvent<number | Uint8Array>) => {
        if (typeof data === "number") told(data / task.puzzles);
        else done(base64url(data));
      };
      worker.onerror = fail;
      stop.addEventListener("abort", fail);
      worker.postMessage(task);
    });
  } finally {
    worker.terminate();
    URL.revokeObjectURL(address);
  }
}
