import { isProtobufFqn } from "../formats/index.js";
import type { AnyInit } from "../wire/any.js";
import type { Empty } from "../wire/empty.js";
import type { FieldMaskInit } from "../wire/field-mask.js";
import type { Faults } from "./faults.js";
import { isBytes, isString } from "./scalars.js";
import { checkProperties, isList, isMessage } from "./structure.js";

/** `{ typeUrl, value }` whose URL says which type the value is; nothing at all is an `Any` too. */
export function isAny(faults: Faults, path: string, value: unknown): value is AnyInit {
  return checkAny(faults, path, value, true);
}

/** As `isAny`, where a rule says which URLs there may be. */
export function isAnyOfList(faults: Faults, path: string, value: unknown): value is AnyInit {
  return checkAny(faults, path, value, false);
}

function checkAny(faults: Faults, path: string, value: unknown, urlCounts: boolean): boolean {
  const mark = faults.enter();
  if (isMessage<AnyInit>(faults, value)) {
    checkProperties(faults, value, ["typeUrl", "value"]);
    const isFilled = value.value !== undefined && isBytes(faults, "value", value.value) && value.value.length > 0;
    if (value.typeUrl !== undefined || isFilled) checkTypeUrl(faults, value.typeUrl ?? "", isFilled, urlCounts);
  }
  return finish(faults, mark, path);
}

function checkTypeUrl(faults: Faults, typeUrl: unknown, isFilled: boolean, urlCounts: boolean): void {
  if (!isString(faults, "typeUrl", typeUrl) || !urlCounts || isTypeUrl(typeUrl) || (typeUrl === "" && !isFilled)) return;
  faults.add("typeUrl", "type_url", "must end in / and the full name of a message, as type.googleapis.com/quakes.v1.QuakeReported");
}

const isTypeUrl = (text: string): boolean => text.includes("/") && isProtobufFqn(text.slice(text.lastIndexOf("/") + 1));

/** `{ paths }`. */
export function isFieldMask(faults: Faults, path: string, value: unknown): value is FieldMaskInit {
  const mark = faults.enter();
  if (isMessage<FieldMaskInit>(faults, value)) {
    checkProperties(faults, value, ["paths"]);
    if (value.paths !== undefined && isList(faults, "paths", value.paths)) checkPaths(faults, value.paths);
  }
  return finish(faults, mark, path);
}

function checkPaths(faults: Faults, paths: readonly unknown[]): void {
  for (let index = 0; index < paths.length; index++) {
    const mark = faults.mark();
    isString(faults, "", paths[index]);
    faults.within(mark, "paths", index);
  }
}

/** `{}`. */
export function isEmpty(faults: Faults, path: string, value: unknown): value is Empty {
  const mark = faults.enter();
  if (isMessage<Empty>(faults, value)) checkProperties(faults, value, []);
  return finish(faults, mark, path);
}

function finish(faults: Faults, mark: number, path: string): boolean {
  const isSound = faults.mark() === mark;
  faults.leave(mark, path);
  return isSound;
}
