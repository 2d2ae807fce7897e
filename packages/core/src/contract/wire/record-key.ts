/** The record key of a text: its UTF-8. An empty one is no key, as an absent one is: it would bring all such records onto one partition. */
export function textKey(value: string | undefined): Uint8Array | null {
  return value === undefined || value === "" ? null : Buffer.from(value);
}

/** The record key of an integer: its decimal form. */
export function integerKey(value: number | bigint | string | undefined): Uint8Array | null {
  return value === undefined ? null : Buffer.from(String(value));
}

/** The record key of an integer that is 0 where it is left out. */
export function implicitIntegerKey(value: number | bigint | string | undefined): Uint8Array | null {
  return integerKey(value ?? 0);
}

/** The record key of bytes: they themselves; empty ones are no key. */
export function bytesKey(value: Uint8Array | undefined): Uint8Array | null {
  return value === undefined || value.length === 0 ? null : value;
}
