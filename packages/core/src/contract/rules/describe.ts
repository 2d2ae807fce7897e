/** What a value is, for the text of a fault: `null`, `a string`, `an array`, `a Promise (await it)`. Never the content of a string. */
export function describeValue(value: unknown): string {
  switch (typeof value) {
    case "number":
      return Number.isFinite(value) ? `the number ${value}` : String(value);
    case "bigint":
      return `the bigint ${value}n`;
    case "boolean":
    case "undefined":
      return String(value);
    case "object":
      return value === null ? "null" : describeObject(value);
    default:
      return `a ${typeof value}`;
  }
}

function describeObject(value: object): string {
  if (Array.isArray(value)) return "an array";
  const tag = Object.prototype.toString.call(value).slice("[object ".length, -1);
  if (tag === "Promise") return "a Promise (await it)";
  if (tag === "Object") return "an object";
  return /^(?:[AEIO]|U(?!int))/.test(tag) ? `an ${tag}` : `a ${tag}`;
}
