import { createHmac, timingSafeEqual } from "node:crypto";
import { secretOption } from "@org/bus-connect";
import { z } from "zod";

const secrets = z
  .union([secretOption, z.array(secretOption).min(1)], { error: 'must be a secret by reference, such as secret("HOOK_SECRET"), or several' })
  .transform((given) => (Array.isArray(given) ? given : [given]));

/** How a body is signed. */
export const signatureOption = z.strictObject({
  scheme: z
    .enum(["github", "stripe", "standard-webhooks"])
    .describe(
      "`github`: `X-Hub-Signature-256`; `stripe`: `Stripe-Signature`; `standard-webhooks`: `webhook-id`, `webhook-timestamp` and `webhook-signature`",
    ),
  secret: secrets.describe("what both sides know; the first one signs, and any of several is taken, so that they can be changed"),
  toleranceMs: z
    .int()
    .min(1)
    .default(300_000)
    .describe("how far the time of a signature may be from now, in ms, so that it cannot be sent again later; `github` has no time"),
});

export type SignatureOption = z.output<typeof signatureOption>;

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** What a signature covers. */
interface Signed {
  readonly id: string;
  readonly seconds: string;
  readonly body: Buffer;
}

interface Scheme {
  /** The signature of one secret, as the header has it. */
  sign(secret: string, signed: Signed): string;
  headers(signature: string, signed: Signed): Record<string, string>;
  /** Undefined where the headers are not there, or not of this shape. */
  read(headers: Headers): { readonly id: string; readonly seconds: string | undefined; readonly signatures: readonly string[] } | undefined;
}

const hmac = (secret: string | Buffer, ...parts: readonly (string | Buffer)[]) => {
  const digest = createHmac("sha256", secret);
  for (const part of parts) digest.update(part);
  return digest;
};

// As they are documented: docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries, docs.stripe.com/webhooks#verify-manually,
// github.com/standard-webhooks/standard-webhooks (spec/standard-webhooks.md)
const schemes: Readonly<Record<SignatureOption["scheme"], Scheme>> = {
  github: {
    sign: (secret, { body }) => `sha256=${hmac(secret, body).digest("hex")}`,
    headers: (signature) => ({ "x-hub-signature-256": signature }),
    read: (headers) => {
      const signature = single(headers["x-hub-signature-256"]);
      return signature === undefined ? undefined : { id: "", seconds: undefined, signatures: [signature] };
    },
  },
  stripe: {
    sign: (secret, { seconds, body }) => hmac(secret, `${seconds}.`, body).digest("hex"),
    headers: (signature, { seconds }) => ({ "stripe-signature": `t=${seconds},v1=${signature}` }),
    read: (headers) => {
      const items = (single(headers["stripe-signature"]) ?? "").split(",").map((item) => item.trim().split("="));
      const seconds = items.find(([name]) => name === "t")?.[1];
      const signatures = items.flatMap(([name, value]) => (name === "v1" && value !== undefined ? [value] : []));
      return seconds === undefined ? undefined : { id: "", seconds, signatures };
    },
  },
  "standard-webhooks": {
    sign: (secret, { id, seconds, body }) =>
      `v1,${hmac(Buffer.from(secret.replace(/^whsec_/, ""), "base64"), `${id}.${seconds}.`, body).digest("base64")}`,
    headers: (signature, { id, seconds }) => ({ "webhook-id": id, "webhook-timestamp": seconds, "webhook-signature": signature }),
    read: (headers) => {
      const [id, seconds, signatures] = ["webhook-id", "webhook-timestamp", "webhook-signature"].map((name) => single(headers[name]));
      return id === undefined || seconds === undefined || signatures === undefined ? undefined : { id, seconds, signatures: signatures.split(" ") };
    },
  },
};

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? undefined : header;
}

/** The headers that sign `body`. */
export function signatureHeaders({ scheme, secret }: SignatureOption, body: Buffer, id: string, nowMs: number): Record<string, string> {
  const signed = { id, seconds: String(Math.floor(nowMs / 1000)), body };
  const { sign, headers } = schemes[scheme];
  return headers(sign(secret[0]?.reveal() ?? "", signed), signed);
}

/** What is wrong with the signature of a body; undefined where nothing is. */
export function signatureFault({ scheme, secret, toleranceMs }: SignatureOption, body: Buffer, headers: Headers, nowMs: number): string | undefined {
  const { sign, read } = schemes[scheme];
  const found = read(headers);
  if (found === undefined) return `is not signed as ${scheme}`;
  const { id, seconds, signatures } = found;
  if (seconds !== undefined && !(Math.abs(Number(seconds) * 1000 - nowMs) <= toleranceMs)) return "is signed at another time";
  const expected = secret.map((one) => sign(one.reveal(), { id, seconds: seconds ?? "", body }));
  // all are compared, so that the time tells nothing of which one came near
  const matches = signatures.flatMap((signature) => expected.map((one) => isEqual(signature, one)));
  return matches.includes(true) ? undefined : "has another signature";
}

function isEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
