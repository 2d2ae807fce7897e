import { BusError } from "../../errors.js";
import { suggestName } from "../../suggest-name.js";

const maxSuggested = 3;
const maxShown = 120;

/** The refusal of a type that is none of `known`, with those that may have been meant: of the same name elsewhere, or of nearly the same. */
export function unknownType(typeName: string, known: Iterable<string>): BusError {
  const names = [...known];
  const shown = JSON.stringify(typeName.length > maxShown ? `${typeName.slice(0, maxShown)}…` : typeName);
  const simpleName = lastPart(typeName);
  const meant = [suggestName(typeName, names), ...names.filter((name) => suggestName(simpleName, [lastPart(name)]) !== undefined)];
  const suggested = [...new Set(meant)].filter((name) => name !== undefined).slice(0, maxSuggested);
  const hint = suggested.length === 0 ? "" : ` (is ${suggested.join(" or ")} meant?)`;
  return new BusError("invalid_options", `message type ${shown} is not in the descriptor set${hint}`, { details: { typeName } });
}

const lastPart = (typeName: string): string => typeName.slice(typeName.lastIndexOf(".") + 1);
