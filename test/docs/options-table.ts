import { z } from "zod";

interface Row {
  readonly name: string;
  readonly fallback: string;
  readonly description: string;
}

/** The options of a schema as a table of Markdown: those of objects in it with a dot, `tls.ca`. */
export function optionsTable(schema: z.ZodType): string {
  const rows = rowsOf(schema, "").map(({ name, fallback, description }) => `| \`${name}\` | ${fallback} | ${description} |`);
  return ["| option | default | what it is |", "|---|---|---|", ...rows].join("\n");
}

/** `page` with the tables of `schemas` between its comments `options of NAME` and `end`. */
export function withTables(page: string, schemas: Readonly<Record<string, z.ZodType>>): string {
  const made = new Set<string>();
  const filled = page.replace(/(<!-- options of (\w+)[^>]*-->\n)[\s\S]*?(<!-- end -->)/g, (_, begin: string, name: string, end: string) => {
    const schema = schemas[name];
    if (schema === undefined) throw new TypeError(`there is no schema of ${name}`);
    made.add(name);
    return `${begin}${optionsTable(schema)}\n${end}`;
  });
  const missing = Object.keys(schemas).filter((name) => !made.has(name));
  if (missing.length > 0)
    throw new TypeError(`the page has no place for the options of ${missing.join(", ")}: <!-- options of NAME --> <!-- end -->`);
  return filled;
}

function rowsOf(schema: z.ZodType, prefix: string): readonly Row[] {
  return Object.entries(shapeOf(schema) ?? {}).flatMap(([name, option]): readonly Row[] => {
    const { inner, fallback, description } = unwrap(option);
    const row = { name: prefix + name, fallback, description: description.replaceAll("|", "\\|").replaceAll("\n", " ") };
    return [row, ...rowsOf(inner, `${prefix}${name}.`)];
  });
}

function shapeOf(schema: z.ZodType): Readonly<Record<string, z.ZodType>> | undefined {
  // what an object's shape holds are schemas
  return schema instanceof z.ZodObject ? (schema.shape as Readonly<Record<string, z.ZodType>>) : undefined;
}

function unwrap(option: z.ZodType): { readonly inner: z.ZodType; readonly fallback: string; readonly description: string } {
  let [inner, fallback, description] = [option, "**required**", option.description];
  for (;;) {
    if (inner instanceof z.ZodDefault) fallback = textOf(inner.def.defaultValue);
    else if (inner instanceof z.ZodPrefault || inner instanceof z.ZodOptional) fallback = fallback === "**required**" ? "" : fallback;
    else return { inner, fallback, description: description ?? "" };
    // zod types the schemas that it wraps as its core does
    inner = inner.unwrap() as z.ZodType;
    description ??= inner.description;
  }
}

function textOf(value: unknown): string {
  return value === undefined ? "" : `\`${JSON.stringify(value)}\``;
}
