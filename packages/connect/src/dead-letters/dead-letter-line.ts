import { headerText, type OutgoingRecord } from "@org/bus-core";

const ofDeadLetters = "bus-dlq-";

/** A dead letter of a source as one line of JSON. */
export function deadLetterLine({ key, value, headers, timestamp }: OutgoingRecord): string {
  const told = (name: string) => headerText(headers, `${ofDeadLetters}${name}`);
  const own = Object.entries(headers).filter(([name]) => !name.startsWith(ofDeadLetters));
  return JSON.stringify({
    id: told("source-id"),
    connector: told("connector"),
    split: told("split"),
    stage: told("stage"),
    cause: { code: told("error-code"), class: told("error-class"), message: told("error-message"), stack: told("error-stack") },
    attempts: Number(told("attempts")),
    failedAt: new Date(timestamp).toISOString(),
    key: shown(key),
    headers: Object.fromEntries(own.map(([name, header]) => [name, [header].flat().map(shown)])),
    original: shown(value),
  });
}

/** Text as it is, other bytes in base64. */
function shown(bytes: Uint8Array | null): { readonly text: string } | { readonly base64: string } | null {
  if (bytes === null) return null;
  try {
    return { text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { base64: Buffer.from(bytes).toString("base64") };
  }
}
