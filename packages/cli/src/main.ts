import { run } from "./run.js";

// nobody reads any more, as in `bus example … | head -1`: what a shell reports of a program that SIGPIPE ended, and no stack
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(141);
});

process.exitCode = await run(process.argv.slice(2), {
  out: (line) => process.stdout.write(`${line}\n`),
  error: (line) => process.stderr.write(`${line}\n`),
});
