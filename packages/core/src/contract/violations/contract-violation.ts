import { BusError, type StandardViolation, type Violation } from "../../errors.js";
import type { AnyContract } from "../contract.js";

const MAX_LISTED = 5;
const MAX_CHARACTERS = 160;

/** The refusal of messages: all faults in `violations`, the first few in the text. */
export function contractViolation(contract: AnyContract, found: readonly Violation[]): BusError {
  const violations = contract.sensitiveFields.length === 0 ? found : found.map((violation) => withoutSensitiveKeys(contract, violation));
  return new BusError("contract_violation", `${contract.typeName} breaks its contract: ${listViolations(violations)}`, {
    violations,
    details: { typeName: contract.typeName },
  });
}

/** The first few of `violations`, in one line. */
export function listViolations(violations: readonly Violation[]): string {
  const listed = violations.slice(0, MAX_LISTED).map(violationText);
  if (violations.length > MAX_LISTED) listed.push(`and ${violations.length - MAX_LISTED} more`);
  return listed.join("; ");
}

/** The same fault of the message at `index` of a list. */
export function atIndex(violation: Violation, index: number): Violation {
  const { path } = violation;
  return moved(violation, path === "" || path.startsWith("[") ? `[${index}]${path}` : `[${index}].${path}`);
}

/** The same fault, written with another path; `standard` stays out of its JSON. */
function moved(violation: Violation, path: string, standard = (): StandardViolation | undefined => violation.standard): Violation {
  return Object.defineProperty({ ...violation, path }, "standard", { get: standard });
}

function violationText({ path, message }: Violation): string {
  const text = path === "" ? message : `${path}: ${message}`;
  return text.length <= MAX_CHARACTERS ? text : `${text.slice(0, MAX_CHARACTERS)}…`;
}

/** Contracts say nothing of the value of a sensitive field, but a path may: the keys of a map stand in it. From such a field on it has no `[…]`. */
function withoutSensitiveKeys(contract: AnyContract, violation: Violation): Violation {
  const segments = violation.path.match(/\[(?:"(?:[^"\\]|\\.)*"|[^\]]*)\]|[^.[\]]+/g) ?? [];
  let name = "";
  let shown = "";
  let isSensitive = false;
  for (const segment of segments) {
    const isIndex = segment.startsWith("[");
    if (isIndex && isSensitive) continue;
    shown += isIndex || shown === "" ? segment : `.${segment}`;
    if (isIndex) continue;
    name += name === "" ? segment : `.${segment}`;
    isSensitive ||= contract.sensitiveFields.some((field) => plainName(field) === plainName(name));
  }
  return moved(violation, shown, () => violation.standard && withoutSensitiveSubscripts(contract, violation.standard));
}

function withoutSensitiveSubscripts(contract: AnyContract, standard: StandardViolation): StandardViolation {
  let name = "";
  let isSensitive = false;
  const field = standard.field.map((element) => {
    name += name === "" ? element.fieldName : `.${element.fieldName}`;
    isSensitive ||= contract.sensitiveFields.includes(name);
    if (!isSensitive) return element;
    const { subscript: _, ...rest } = element;
    return rest;
  });
  return { ...standard, field };
}

/** `home_address.zip_code` and `homeAddress.zipCode` are one. */
function plainName(path: string): string {
  return path.replaceAll("_", "").toLowerCase();
}
