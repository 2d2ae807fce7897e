// `node scripts/pack.mjs FOLDER`: builds the packages and writes each to FOLDER as a tarball that npm can install.
import { mkdirSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { build, install, run, say } from "./workspace.mjs";

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  say("usage: node scripts/pack.mjs FOLDER");
  process.exit(2);
}
const destination = resolve(folder);
mkdirSync(destination, { recursive: true });
await install();
if ((await build()) !== 0) process.exit(1);
const code = await run("pnpm", ["--filter", "./packages/*", "pack", "--pack-destination", destination], {
  stdio: ["ignore", "ignore", "inherit"],
});
for (const file of code === 0 ? readdirSync(destination) : []) say(join(destination, file));
process.exitCode = code;
