// Recomputes with docs/draw.mjs what bench_waiting wrote down: node bench/waiting.mjs FOLDER
import { readFileSync } from "node:fs";
import { commitment, draw } from "../docs/draw.mjs";

const { draw: published, samples } = JSON.parse(readFileSync(`${process.argv[2]}/draw.json`, "utf8"));
const rank = draw({ seed: published.seed, chainHash: published.chain_hash, count: published.count });
const wrong = samples.filter(([number, is]) => rank(number) !== is);
const kept = commitment(published.seed) === published.commitment;
console.log(`docs/draw.mjs         ${samples.length} of ${published.count} recomputed, ${wrong.length} differ; ` +
  `the commitment was ${kept ? "kept" : "BROKEN"}`);
process.exit(wrong.length || !kept ? 1 : 0);
