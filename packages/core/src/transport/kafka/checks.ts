import { z } from "zod";

/** A value for a message. Never of an option that may hold a credential. */
export function shown(value: unknown): string {
  if (value === undefined) return "missing";
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "a list" : "an object";
  return typeof value === "function" ? "a function" : String(value);
}

/** An object with these options and no others. */
export function optionsOf<Shape extends z.core.$ZodLooseShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  const names = Object.keys(shape).join(", ");
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? `has no option ${issue.keys.join(", ")}; its options are ${names}`
        : `must be an object with options (${names}), is ${shown(issue.input)}`,
  });
}

/** A whole number; `unit` for the message: `milliseconds`. */
export function wholeNumber(unit: string, least: number, most: number): z.ZodCustom<number, number> {
  return z.custom<number>((value) => typeof value === "number" && Number.isInteger(value) && value >= least && value <= most, {
    error: ({ input }) => `must be a whole number of ${unit} from ${least} to ${most}, is ${shown(input)}`,
  });
}

/** A text, `what` in the message; its value is not shown. */
export function secretText(what: string): z.ZodString {
  return z.string({ error: ({ input }) => (input === undefined ? `is required: ${what}` : `must be a text: ${what}`) });
}

/** A text that is not empty; its value is not shown. */
export function filledText(what: string): z.ZodString {
  return secretText(what).min(1, { error: `must not be empty: ${what}` });
}

export type PemKind = "certificate" | "private key";

const PEM_BLOCKS: Record<PemKind, RegExp> = {
  certificate: /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/,
  "private key": /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----/,
};

/** Whether `text` holds a PEM block of this kind. What is in the block, OpenSSL checks when it connects. */
export function isPem(text: string, kind: PemKind): boolean {
  return PEM_BLOCKS[kind].test(text);
}

/** The text of a PEM file; never shown. */
export function pemText(kind: PemKind): z.ZodString {
  const what = `pass the content of a PEM file with a ${kind}, not its path`;
  return secretText(what).refine((text) => isPem(text, kind), { error: `holds no PEM ${kind}; ${what}` });
}

const BROKER = /^[^\s:/@,]+:(\d{1,5})$/;

function isBroker(address: string): boolean {
  const port = Number(BROKER.exec(address)?.[1] ?? 0);
  return port >= 1 && port <= 65_535;
}

/** In front of an @ may stand a password. */
function shownAddress(input: unknown): string {
  return typeof input === "string" && input.includes("@") ? "an address with a user" : shown(input);
}

const brokersRequired = "is required (pass the option or set KAFKA_BROKERS)";

/** Addresses without the spaces around them. */
export const brokerList = z
  .array(
    z
      .string({ error: ({ input }) => `must be a text "host:port", is ${shown(input)}` })
      .trim()
      .refine(isBroker, {
        error: ({ input }) => `must be "host:port" with a port from 1 to 65535, is ${shownAddress(input)}`,
      }),
    {
      error: ({ input }) => (input === undefined ? brokersRequired : `must be a list such as ["localhost:9092"], is ${shownAddress(input)}`),
    },
  )
  .min(1, { error: brokersRequired });
