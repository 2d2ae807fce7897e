import { type Type, types } from "./type.js";

/** One way to call a function. The target of a method is its first parameter. Type parameters are numbered from 0. */
export interface Signature {
  readonly parameters: readonly Type[];
  readonly result: Type;
}

/** Reads lines such as `string.contains(string) bool` and `_[_](map(A, B), A) B`. */
export function parseSignatures(text: string): ReadonlyMap<string, readonly Signature[]> {
  const functions = new Map<string, Signature[]>();
  for (const line of text.split("\n").map((line) => line.trim())) {
    if (line === "") continue;
    const { name, signature } = parseLine(line);
    const known = functions.get(name);
    if (known === undefined) functions.set(name, [signature]);
    else known.push(signature);
  }
  return functions;
}

function parseLine(line: string): { readonly name: string; readonly signature: Signature } {
  const end = line.lastIndexOf(") ");
  const result = parseType(line.slice(end + 2));
  // the parenthesis that opens the list of parameters is the one that the last ")" closes
  let open = end;
  for (let depth = 1; depth > 0; ) {
    open--;
    if (line[open] === ")") depth++;
    if (line[open] === "(") depth--;
  }
  const head = line.slice(0, open);
  const parameters = splitTypes(line.slice(open + 1, end)).map(parseType);
  const method = /^(\w+(?:\(.*\))?)\.(\w+)$/.exec(head);
  if (method === null || head.startsWith("strings.")) return { name: head, signature: { parameters, result } };
  return { name: `.${method[2]}`, signature: { parameters: [parseType(method[1] ?? ""), ...parameters], result } };
}

function parseType(text: string): Type {
  const generic = /^(list|map)\((.*)\)$/.exec(text);
  if (generic !== null) {
    const [first = types.any, second = types.any] = splitTypes(generic[2] ?? "").map(parseType);
    return generic[1] === "list" ? { kind: "list", item: first } : { kind: "map", key: first, value: second };
  }
  if (text === "A" || text === "B") return { kind: "parameter", id: text === "A" ? 0 : 1 };
  return text === "dyn" ? types.any : types[text as keyof typeof types];
}

/** Splits at the commas that are not within parentheses. */
function splitTypes(text: string): readonly string[] {
  const found: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at <= text.length; at++) {
    if (text[at] === "(") depth++;
    if (text[at] === ")") depth--;
    if (at < text.length && (text[at] !== "," || depth > 0)) continue;
    const part = text.slice(start, at).trim();
    if (part !== "") found.push(part);
    start = at + 1;
  }
  return found;
}
