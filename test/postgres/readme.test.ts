import { readFile, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { captureOptions } from "../../packages/connect-postgres/src/capture/options.js";
import { connectionOptions } from "../../packages/connect-postgres/src/connection/options.js";
import { polledOutboxOptions, replicatedOutboxOptions } from "../../packages/connect-postgres/src/outbox/options.js";
import { sinkOptions } from "../../packages/connect-postgres/src/sink/options.js";

const readme = new URL("../../packages/connect-postgres/README.md", import.meta.url);

const schemas = {
  "`connection` of all of them": connectionOptions,
  postgresOutbox: replicatedOutboxOptions,
  postgresOutboxPolling: polledOutboxOptions,
  postgresChanges: captureOptions,
  postgresSink: sinkOptions,
};

function defaultOf(schema: z.ZodType): string {
  if (schema instanceof z.ZodOptional) return "";
  if (!(schema instanceof z.ZodDefault)) return "required";
  const value: unknown = schema.def.defaultValue;
  if (typeof value === "function") return "";
  return `\`${JSON.stringify(value)}\``.replace('`{"schema":"public","name":"outbox"}`', '`"outbox"`');
}

function table(schema: z.ZodObject): string {
  const rows = Object.entries(schema.shape).map(([name, option]) => {
    const type = option as z.ZodType;
    return `| \`${name}\` | ${defaultOf(type)} | ${type.description} |`;
  });
  return ["| option | default | |", "|---|---|---|", ...rows].join("\n");
}

describe("the README of connect-postgres", () => {
  it("tells all options with their defaults (UPDATE=1 writes them)", async () => {
    const tables = Object.entries(schemas).map(([name, schema]) => `### ${name}\n\n${table(schema)}\n`);
    const text = await readFile(readme, "utf8");
    const expected = text.replace(
      /(<!-- options: [^>]*-->\n)[\s\S]*(<!-- end of options -->)/,
      (_, start: string, end: string) => `${start}\n${tables.join("\n")}\n${end}`,
    );
    if (process.env.UPDATE === "1") await writeFile(readme, expected);
    else expect(text).toBe(expected);
    expect(tables.join("")).not.toContain("undefined");
  });
});
