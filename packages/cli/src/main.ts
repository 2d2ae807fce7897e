import { run } from "./run.js";

const exitAfterMs = 1_000;

// nobody reads any more, as in `bus example … | head -1`: what a shell reports of a program that SIGPIPE ended, and no stack
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(141);
});

process.exitCode = await run(process.argv.slice(2), {
  out: (line) => process.stdout.write(`${line}\n`),
  error: (line) => process.stderr.write(`${line}\n`),
});

// all is done; what a module of the user holds open, such as a pool for lookups, need not keep the process
setTimeout(() => process.exit(), exitAfterMs).unref();
