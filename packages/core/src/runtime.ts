/** What generated contracts are made of. Not for other use: it changes with the compiler. */
import * as cel from "./contract/cel/runtime/index.js";

export type { ExpressionRule } from "./contract/cel/runtime/index.js";
export type { CompactedContract, Contract } from "./contract/contract.js";
export {
  isAddress,
  isEmail,
  isHostname,
  isProtobufDotFqn,
  isProtobufFqn,
  isTuuid,
  isUlid,
  isUri,
  isUriRef,
  isUuid,
} from "./contract/formats/index.js";
export {
  bytesContains,
  bytesEqual,
  bytesFormat,
  bytesLength,
  bytesMaxLength,
  bytesMinLength,
  bytesNoneOf,
  bytesOneOf,
  bytesPattern,
  bytesPrefix,
  bytesSuffix,
} from "./contract/rules/bytes.js";
export { maxItems, maxPairs, minItems, minPairs, uniqueItems } from "./contract/rules/collections.js";
export { emptyBytes, emptyList, emptyMap } from "./contract/rules/empty.js";
export { definedOnly, isKeptEnumValue, isKeptNullValue, refuseUndeclared } from "./contract/rules/enums.js";
export { equal, noneOf, oneOf } from "./contract/rules/equality.js";
export { Faults } from "./contract/rules/faults.js";
export {
  isAnyIp,
  isAnyIpPrefix,
  isHostWithPort,
  isIpv4,
  isIpv4Prefix,
  isIpv4WithPrefixLength,
  isIpv6,
  isIpv6Prefix,
  isIpv6WithPrefixLength,
  isIpWithPrefixLength,
  isLooseHeaderName,
  isLooseHeaderValue,
  isStrictHeaderName,
  isStrictHeaderValue,
} from "./contract/rules/format-tests.js";
export { stringFormat, stringFormatOrEmpty } from "./contract/rules/formats.js";
export { isListValue, isStruct, isValue } from "./contract/rules/json.js";
export { maskEqual, maskWithin, maskWithout } from "./contract/rules/masks.js";
export { finite, greaterOrEqual, greaterThan, inRange, lessOrEqual, lessThan, outsideRange } from "./contract/rules/numbers.js";
export { exclusiveFields, lacking, missing, missingOneof } from "./contract/rules/presence.js";
export {
  isBool,
  isBytes,
  isDouble,
  isFloat,
  isInt32,
  isInt64,
  isInt64Number,
  isInt64String,
  isString,
  isUint32,
  isUint64,
  isUint64Number,
  isUint64String,
  isWellFormed,
} from "./contract/rules/scalars.js";
export {
  stringBytes,
  stringContains,
  stringLength,
  stringMaxBytes,
  stringMaxLength,
  stringMinBytes,
  stringMinLength,
  stringNotContains,
  stringPattern,
  stringPrefix,
  stringSuffix,
} from "./contract/rules/strings.js";
export {
  canNest,
  checkProperties,
  isCase,
  isFilled,
  isList,
  isMessage,
  isOneof,
  mapEntries,
  mapSize,
  refuseCase,
} from "./contract/rules/structure.js";
export { afterNow, beforeNow, isDuration, isTimestamp, showDuration, showTimestamp, withinSpan } from "./contract/rules/times.js";
export { isAny, isAnyOfList, isEmpty, isFieldMask } from "./contract/rules/well-known.js";
export type { FieldTable } from "./contract/violations/field-table.js";
export { type Any, type AnyInit, readAny, writeAny } from "./contract/wire/any.js";
export { defineCompactedContract, defineContract, encode } from "./contract/wire/define-contract.js";
export { type Empty, readEmpty, writeEmpty } from "./contract/wire/empty.js";
export { entriesOf } from "./contract/wire/entries.js";
export type { UnrecognizedEnumValue } from "./contract/wire/enums.js";
export { type FieldMask, type FieldMaskInit, readFieldMask, writeFieldMask } from "./contract/wire/field-mask.js";
export {
  type JsonListInit,
  type JsonObject,
  type JsonObjectInit,
  type JsonValue,
  type JsonValueInit,
  readListValue,
  readStruct,
  readValue,
  writeListValue,
  writeStruct,
  writeValue,
} from "./contract/wire/json.js";
export { emptyMessage, readWrapped } from "./contract/wire/messages.js";
export { readNullValue, writeNullValue } from "./contract/wire/null-value.js";
export { MessageReader, safeNumber } from "./contract/wire/reader.js";
export { bytesKey, implicitIntegerKey, integerKey, textKey } from "./contract/wire/record-key.js";
export { readTime, writeTime } from "./contract/wire/times.js";
export { type Duration, type DurationInit, type Timestamp, type TimestampInit, toNanos } from "./contract/wire/timestamp.js";
export { keepEnumValue, keepReadField, keepUndeclaredValue, keepUnknownField, writeUnknownFields } from "./contract/wire/unknown-fields.js";
export type { Writer } from "./contract/wire/writer.js";
export { cel };
