const decimal = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d{1,6}))?$/;

/** Digits that no 64-bit integer has. */
const tooMany = 40;

/** The integer that a number of JSON is, also where it is written with a fraction or exponent (`1.5e1`); undefined where it is none, or far too large. */
export function parseInteger(text: string): bigint | undefined {
  const [, sign, whole = "", fraction = "", exponent = "0"] = decimal.exec(text) ?? [];
  if (sign === undefined) return undefined;
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  if (digits === "") return 0n;
  const shift = Number(exponent) - fraction.length;
  if (digits.length + shift > tooMany) return undefined;
  const kept = shift >= 0 ? digits.padEnd(digits.length + shift, "0") : wholePart(digits, -shift);
  if (kept === undefined) return undefined;
  const magnitude = BigInt(kept);
  return sign === "-" ? -magnitude : magnitude;
}

/** `digits` without the last `count`, which must be zeros. */
function wholePart(digits: string, count: number): string | undefined {
  if (count > digits.length) return undefined;
  return /^0*$/.test(digits.slice(digits.length - count)) ? digits.slice(0, digits.length - count) || "0" : undefined;
}
