// After the build: lays .br and .gz beside every text file of dist, so that the server sends bytes
// it never has to compress, and checks what the first page may weigh.
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const dist = resolve(dirname(fileURLToPath(import.meta.url)), "../dist");
const SCRIPT_LIMIT_BYTES = 60_000;
const TEXTS = new Set([".html", ".js", ".css", ".svg", ".json", ".txt", ".webmanifest"]);

function files(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : [path];
  });
}

let script = 0;
for (const path of files(dist)) {
  if (!TEXTS.has(extname(path))) continue;
  const bytes = readFileSync(path);
  const br = brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
  writeFileSync(`${path}.br`, br);
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  if (extname(path) === ".js") script += br.length;
}

console.log(`script, all pages, brotli: ${script} bytes (limit ${SCRIPT_LIMIT_BYTES})`);
if (script > SCRIPT_LIMIT_BYTES) {
  console.error("the script outgrew its limit");
  process.exit(1);
}
