import { parseSignatures, type Signature } from "./signature.js";

/*
 * What can be called, with the types of the language definition of CEL (https://github.com/google/cel-spec/blob/master/doc/langdef.md), of its
 * extension for strings and of protovalidate. Operators have the names that the parser gives them. `A` and `B` stand for any type.
 */

const operators = `
  !_(bool) bool
  -_(int) int
  -_(double) double
  _+_(int, int) int
  _+_(uint, uint) uint
  _+_(double, double) double
  _+_(string, string) string
  _+_(bytes, bytes) bytes
  _+_(list(A), list(A)) list(A)
  _+_(timestamp, duration) timestamp
  _+_(duration, timestamp) timestamp
  _+_(duration, duration) duration
  _-_(int, int) int
  _-_(uint, uint) uint
  _-_(double, double) double
  _-_(timestamp, timestamp) duration
  _-_(timestamp, duration) timestamp
  _-_(duration, duration) duration
  _*_(int, int) int
  _*_(uint, uint) uint
  _*_(double, double) double
  _/_(int, int) int
  _/_(uint, uint) uint
  _/_(double, double) double
  _%_(int, int) int
  _%_(uint, uint) uint
  _==_(A, A) bool
  _!=_(A, A) bool
  @in(A, list(A)) bool
  @in(A, map(A, B)) bool
  _[_](list(A), int) A
  _[_](map(A, B), A) B
  _&&_(bool, bool) bool
  _||_(bool, bool) bool
`;

/** Every two of these may be compared: numbers by their value, others with their own kind. */
const comparisons = ["_<_", "_<=_", "_>_", "_>=_"].flatMap((name) => [
  ...["int", "uint", "double"].flatMap((left) => ["int", "uint", "double"].map((right) => `${name}(${left}, ${right}) bool`)),
  ...["bool", "string", "bytes", "timestamp", "duration"].map((type) => `${name}(${type}, ${type}) bool`),
]);

const conversions = `
  int(int) int
  int(uint) int
  int(double) int
  int(string) int
  int(timestamp) int
  int(duration) int
  uint(uint) uint
  uint(int) uint
  uint(double) uint
  uint(string) uint
  double(double) double
  double(int) double
  double(uint) double
  double(string) double
  bool(bool) bool
  bool(string) bool
  string(string) string
  string(bool) string
  string(int) string
  string(uint) string
  string(double) string
  string(bytes) string
  string(timestamp) string
  string(duration) string
  bytes(bytes) bytes
  bytes(string) bytes
  timestamp(timestamp) timestamp
  timestamp(string) timestamp
  timestamp(int) timestamp
  duration(duration) duration
  duration(string) duration
  duration(int) duration
  dyn(A) dyn
  type(A) type
`;

const values = `
  size(string) int
  size(bytes) int
  size(list(A)) int
  size(map(A, B)) int
  string.size() int
  bytes.size() int
  list(A).size() int
  map(A, B).size() int
  string.contains(string) bool
  string.startsWith(string) bool
  string.endsWith(string) bool
  string.matches(string) bool
  matches(string, string) bool
  duration.getHours() int
  duration.getMinutes() int
  duration.getSeconds() int
  duration.getMilliseconds() int
`;

const parts = ["FullYear", "Month", "Date", "DayOfMonth", "DayOfWeek", "DayOfYear", "Hours", "Minutes", "Seconds", "Milliseconds"];
const timestampParts = parts.flatMap((part) => [`timestamp.get${part}() int`, `timestamp.get${part}(string) int`]);

const strings = `
  string.charAt(int) string
  string.indexOf(string) int
  string.indexOf(string, int) int
  string.lastIndexOf(string) int
  string.lastIndexOf(string, int) int
  string.lowerAscii() string
  string.upperAscii() string
  string.replace(string, string) string
  string.replace(string, string, int) string
  string.split(string) list(string)
  string.split(string, int) list(string)
  string.substring(int) string
  string.substring(int, int) string
  string.trim() string
  list(string).join() string
  list(string).join(string) string
  string.format(list(dyn)) string
  strings.quote(string) string
`;

const protovalidate = `
  double.isNan() bool
  double.isInf() bool
  double.isInf(int) bool
  string.isEmail() bool
  string.isHostname() bool
  string.isHostAndPort(bool) bool
  string.isIp() bool
  string.isIp(int) bool
  string.isIpPrefix() bool
  string.isIpPrefix(int) bool
  string.isIpPrefix(bool) bool
  string.isIpPrefix(int, bool) bool
  string.isUri() bool
  string.isUriRef() bool
  bytes.contains(bytes) bool
  bytes.startsWith(bytes) bool
  bytes.endsWith(bytes) bool
  list(bool).unique() bool
  list(bytes).unique() bool
  list(double).unique() bool
  list(int).unique() bool
  list(string).unique() bool
  list(uint).unique() bool
  getField(dyn, string) dyn
`;

const text = [operators, ...comparisons, conversions, values, ...timestampParts, strings, protovalidate].join("\n");

/** The signatures of every function, by its name; methods are called `.name`. */
export const functions: ReadonlyMap<string, readonly Signature[]> = parseSignatures(text);
