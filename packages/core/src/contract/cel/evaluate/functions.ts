import { type CelFunc, type CelList, CelScalar, celFromScalar, celFunc, celMethod, celUint, isCelUint, listType } from "@bufbuild/cel";
import { strings } from "@bufbuild/cel/ext";
import { create } from "@bufbuild/protobuf";
import { isReflectMessage } from "@bufbuild/protobuf/reflect";
import { isWrapperDesc } from "@bufbuild/protobuf/wkt";
import * as runtime from "../runtime/index.js";

const { BOOL, BYTES, DOUBLE, DYN, INT, STRING, UINT } = CelScalar;

/** What protovalidate adds to CEL. */
const protovalidate: readonly CelFunc[] = [
  celMethod("isNan", DOUBLE, [], BOOL, function () {
    return runtime.isNan(this);
  }),
  celMethod("isInf", DOUBLE, [], BOOL, function () {
    return runtime.isInf(this);
  }),
  celMethod("isInf", DOUBLE, [INT], BOOL, function (sign) {
    return runtime.isInf(this, sign);
  }),
  celMethod("isEmail", STRING, [], BOOL, function () {
    return runtime.isEmail(this);
  }),
  celMethod("isHostname", STRING, [], BOOL, function () {
    return runtime.isHostname(this);
  }),
  celMethod("isHostAndPort", STRING, [BOOL], BOOL, function (portRequired) {
    return runtime.isHostAndPort(this, portRequired);
  }),
  celMethod("isIp", STRING, [], BOOL, function () {
    return runtime.isIp(this);
  }),
  celMethod("isIp", STRING, [INT], BOOL, function (version) {
    return runtime.isIp(this, version);
  }),
  celMethod("isIpPrefix", STRING, [], BOOL, function () {
    return runtime.isIpPrefix(this, 0, false);
  }),
  celMethod("isIpPrefix", STRING, [INT], BOOL, function (version) {
    return runtime.isIpPrefix(this, version, false);
  }),
  celMethod("isIpPrefix", STRING, [BOOL], BOOL, function (strict) {
    return runtime.isIpPrefix(this, 0, strict);
  }),
  celMethod("isIpPrefix", STRING, [INT, BOOL], BOOL, function (version, strict) {
    return runtime.isIpPrefix(this, version, strict);
  }),
  celMethod("isUri", STRING, [], BOOL, function () {
    return runtime.isUri(this);
  }),
  celMethod("isUriRef", STRING, [], BOOL, function () {
    return runtime.isUriRef(this);
  }),
  celMethod("contains", BYTES, [BYTES], BOOL, function (part) {
    return runtime.containsBytes(this, part);
  }),
  celMethod("startsWith", BYTES, [BYTES], BOOL, function (part) {
    return runtime.startsWithBytes(this, part);
  }),
  celMethod("endsWith", BYTES, [BYTES], BOOL, function (part) {
    return runtime.endsWithBytes(this, part);
  }),
  ...[BOOL, BYTES, DOUBLE, INT, STRING, UINT].map((item) =>
    celMethod("unique", listType(item), [], BOOL, function () {
      return runtime.isUnique(Array.from(this as CelList, (value) => (isCelUint(value) ? value.value : value)));
    }),
  ),
  celFunc("getField", [DYN, STRING], DYN, getField),
];

/** @bufbuild/cel 0.6.1 holds the quotient of two uint to the range of int. */
const division = celFunc("_/_", [UINT, UINT], UINT, (left, right) => celUint(runtime.divideUint(left.value, right.value)));

function getField(message: unknown, name: string) {
  if (!isReflectMessage(message)) throw new Error("getField asks for a message");
  const field = message.fields.find((candidate) => candidate.name === name);
  if (field === undefined) throw new Error(`${message.desc.typeName} has no field ${name}`);
  switch (field.fieldKind) {
    case "enum":
      return BigInt(message.get(field));
    case "scalar":
      return celFromScalar(field.scalar, message.get(field));
    case "message":
      if (message.isSet(field)) return message.get(field);
      return isWrapperDesc(field.message) ? null : create(field.message);
    default:
      return message.get(field);
  }
}

/** What an expression may call beside what is in CEL itself, and what has to be put right in it. */
export const extensions: readonly CelFunc[] = [...strings, ...protovalidate, division];
