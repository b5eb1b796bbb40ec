// One source with all that it imports, in one small script.
import { resolve } from "node:path";
import { build, transformWithEsbuild } from "vite";

/** `source` under src/ of the folder `web`; `define` gives names their values. `format` "es" is a
 * module, "iife" a script. */
export async function bundle(web, source, define, format = "es") {
  const [{ output }] = await build({
    configFile: false,
    root: web,
    logLevel: "warn",
    publicDir: false,
    define,
    build: {
      target: "es2022",
      write: false,
      reportCompressedSize: false,
      lib: { entry: resolve(web, "src", source), formats: [format], name: "onsale" },
      rollupOptions: { external: /^\/assets\// },
    },
  });
  // Of a module for libraries Vite leaves the spaces in.
  const { code } = await transformWithEsbuild(output[0].code, source, {
    minify: true,
    target: "es2022",
    charset: "utf8",
  });
  return code.trim();
}
