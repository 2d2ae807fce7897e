// `npm run soak`: what takes long, on real systems: faults on Kafka, then connectors. Never part of `npm test`, which runs the short forms.
// With flags (`npm run soak -- --help`) the faults alone.
import { build, install, run, say } from "./workspace.mjs";

const flags = process.argv.slice(2);
const faults = ["node", ["test/dist/faults/soak.js", ...flags]];
const connectors = [
  // outages of 30 s
  ["vitest", ["run", "suite.test.ts"], { env: { BUS_SOAK: "1" } }],
  ["node", ["scripts/outbox.mjs"]],
  ["node", ["scripts/flights.mjs"]],
];

await install();
if ((await build()) !== 0) process.exit(1);
for (const [command, args, options] of flags.length > 0 ? [faults] : [faults, ...connectors]) {
  const code = await run(command, args, options);
  if (code === 0) continue;
  process.exitCode = code;
  if (code === 130) break;
  if (flags.length === 0) say(`npm run soak: ${args[0]} ended with exit code ${code}`);
}
