// Makes the one file that the server fills in: `make banner`.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";
import { minify } from "terser";

const here = dirname(fileURLToPath(import.meta.url));
const target = ["chrome93", "firefox98", "safari15.4"];
const styles = {
  name: "styles",
  setup(builder) {
    builder.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const made = await transform(readFileSync(path, "utf8"), { loader: "css", minify: true, target });
      return { contents: made.code.trim(), loader: "text" };
    });
  },
};
const made = await build({
  entryPoints: [join(here, "src/main.js")],
  bundle: true,
  minify: true,
  format: "iife",
  target,
  charset: "utf8",
  mangleProps: /_$/,
  legalComments: "none",
  plugins: [styles],
  write: false,
});
// A second pass folds what the first leaves; it may not touch the words, which the server finds as "@name".
const { code: script } = await minify(made.outputFiles[0].text, {
  ecma: 2020,
  toplevel: true,
  compress: { passes: 3, pure_getters: true, unsafe_arrows: true },
  format: { quote_style: 2 },
});
if (script.split("TROTH").length != 2) throw Error("the data has to be put in at exactly one place");

// The same sum as in tests/web/test_banner_artefact.py.
const sum = createHash("sha256");
const sources = [...readdirSync(join(here, "src")).sort().map(name => "src/" + name), "build.mjs", "package-lock.json"];
for (const name of sources) sum.update(name + "\0").update(readFileSync(join(here, name))).update("\0");

const into = join(here, "../src/troth/web/banner/script");
writeFileSync(join(into, "banner.min.js"), script);
writeFileSync(join(into, "sources.sha256"), sum.digest("hex") + "\n");
console.log(`banner.min.js: ${script.length} characters`);
