const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

const number = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/y;

/** Nanoseconds of a text such as `-1h30m` or `1.5s`; undefined where it is no duration. */
export function parseDuration(text: string): bigint | undefined {
  const sign = text.startsWith("-") ? -1n : 1n;
  const digits = text.replace(/^[+-]/, "");
  if (digits === "0") return 0n;
  let nanos = 0n;
  number.lastIndex = 0;
  for (let end = 0; end < digits.length || end === 0; ) {
    const found = number.exec(digits);
    if (found === null) return undefined;
    end = number.lastIndex;
    const [whole = "", fraction = ""] = (found[1] ?? "").split(".");
    const unit = units[found[2] ?? ""] ?? 0n;
    nanos += BigInt(whole === "" ? "0" : whole) * unit + (BigInt(fraction === "" ? "0" : fraction) * unit) / 10n ** BigInt(fraction.length);
  }
  return BigInt.asIntN(64, nanos) === nanos ? sign * nanos : undefined;
}
