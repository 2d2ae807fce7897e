import type { AnyContract } from "../contract/contract.js";
import { BusError, type Violation } from "../errors.js";

const MAX_LISTED = 5;
const MAX_CHARACTERS = 160;

/** The refusal of messages: all faults in `violations`, the first few in the text. What sensitive fields hold appears in neither. */
export function contractViolation(contract: AnyContract, found: readonly Violation[]): BusError {
  const violations = contract.sensitiveFields.length === 0 ? found : found.map((violation) => withoutSensitiveValue(contract, violation));
  const listed = violations.slice(0, MAX_LISTED).map(violationText);
  if (violations.length > MAX_LISTED) listed.push(`and ${violations.length - MAX_LISTED} more`);
  return new BusError("contract_violation", `${contract.typeName} breaks its contract: ${listed.join("; ")}`, {
    violations,
    details: { typeName: contract.typeName },
  });
}

/** The same fault of the message at `index` of a list. */
export function atIndex(violation: Violation, index: number): Violation {
  const { path } = violation;
  return { ...violation, path: path === "" || path.startsWith("[") ? `[${index}]${path}` : `[${index}].${path}` };
}

function violationText({ path, message }: Violation): string {
  const text = path === "" ? message : `${path}: ${message}`;
  return text.length <= MAX_CHARACTERS ? text : `${text.slice(0, MAX_CHARACTERS)}…`;
}

/** Paths of violations name fields as TypeScript does and carry indexes and map keys; a key of a sensitive map is a value too. */
function withoutSensitiveValue(contract: AnyContract, violation: Violation): Violation {
  const segments = violation.path.match(/\[(?:"(?:[^"\\]|\\.)*"|[^\]]*)\]|[^.[\]]+/g) ?? [];
  let name = "";
  let shown = "";
  for (const segment of segments) {
    const isIndex = segment.startsWith("[");
    shown += isIndex || shown === "" ? segment : `.${segment}`;
    if (isIndex) continue;
    name += name === "" ? segment : `.${segment}`;
    if (contract.sensitiveFields.some((field) => plainName(field) === plainName(name))) {
      return { path: shown, rule: violation.rule, message: `breaks ${violation.rule} (the field is sensitive: its value is not shown)` };
    }
  }
  return violation;
}

/** `home_address.zip_code` and `homeAddress.zipCode` are one. */
function plainName(path: string): string {
  return path.replaceAll("_", "").toLowerCase();
}
