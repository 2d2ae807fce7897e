import { initName } from "../names.js";
import type { CollectionRules, FieldPlan, MemberPlan, MessagePlan, OneofPlan, ValuePlan } from "../plan.js";
import { printExpressions } from "./print-expression.js";
import { printFastTest } from "./print-fast-test.js";
import { isNotZeroValue, printCheckedValue, printRuleCalls } from "./print-rules.js";
import { isStringKey, printShape } from "./print-types.js";
import { zeroOf } from "./scalars.js";
import { type FileScope, propertiesConstant } from "./scope.js";
import { access, quote, type Source } from "./source.js";

/** The function that finds every fault of a message. */
export function printCheck(message: MessagePlan, scope: FileScope): readonly Source[] {
  const { typeName } = message;
  const isEvaluated = message.expressions.length + message.evaluated.length > 0;
  return [
    `const ${propertiesConstant(message)}: readonly string[] = [${message.members.map(({ property }) => quote(property)).join(", ")}];`,
    "",
    "/** @internal */",
    `export function check${message.name}(faults: runtime.Faults, message: unknown): void {`,
    [
      `if (!runtime.isMessage<${initName(message)}>(faults, message)) return;`,
      ...(isEvaluated ? ["const sound = faults.structural;"] : []),
      `runtime.checkProperties(faults, message, ${propertiesConstant(message)});`,
      ...message.members.flatMap((member) => checkMember(member, { scope, typeName })),
      ...message.exclusive.flatMap(({ names, fields, required }) => [
        "{",
        [
          "let count = 0;",
          ...fields.map((field) => `if (${isSet(field, message)}) count++;`),
          `runtime.exclusiveFields(faults, count, [${names.map(quote).join(", ")}], ${required});`,
        ],
        "}",
      ]),
      ...(isEvaluated ? checkExpressions(message, scope) : []),
    ],
    "}",
    "",
  ];
}

/** The rules in CEL of a message, which hold where nothing in it is of a wrong type. */
function checkExpressions(message: MessagePlan, scope: FileScope): readonly Source[] {
  const evaluate = (): string => `${scope.evaluator(message)}.check(faults, runtime.encode(write${message.name}, self));`;
  return [
    "if (faults.structural === sound) {",
    [
      `const self = message as ${initName(message)};`,
      ...printExpressions(message.expressions, "", { scope, self: "self" }),
      ...(message.evaluated.length > 0 ? [evaluate()] : []),
    ],
    "}",
  ];
}

interface Context {
  readonly scope: FileScope;
  readonly typeName: string;
}

function checkMember(member: MemberPlan, context: Context): readonly Source[] {
  const read = access("message", member.property);
  return ["{", member.kind === "oneof" ? checkOneof(member, read, context) : concealed(member, checkField(member, read, context)), "}"];
}

/** Faults of a sensitive field tell nothing of its value. */
const concealed = (field: FieldPlan, body: readonly Source[]): readonly Source[] =>
  field.sensitive ? ["const before = faults.mark();", ...body, "faults.conceal(before);"] : body;

function checkOneof({ property, required, fields }: OneofPlan, read: string, context: Context): readonly Source[] {
  const path = quote(property);
  const isThere = `runtime.isOneof(faults, ${path}, oneof)`;
  const opening = required
    ? ["if (oneof === undefined) {", [`runtime.missingOneof(faults, ${path});`], `} else if (${isThere}) {`]
    : [`if (oneof !== undefined && ${isThere}) {`];
  const cases = fields.flatMap((field) => [
    `case ${quote(field.property)}: {`,
    [...concealed(field, checkSingle(field, "value", context)), "break;"],
    "}",
  ]);
  const refusal = `runtime.refuseCase(faults, ${path}, oneof.case, [${fields.map((field) => quote(field.property)).join(", ")}]);`;
  return [
    `const oneof = ${read};`,
    ...opening,
    ["const value = oneof.value;", "switch (oneof.case) {", [...cases, "default:", [refusal]], "}"],
    "}",
    ...fields
      .filter((field) => field.required)
      .map((field) => `if (!runtime.isCase(oneof, ${quote(field.property)})) runtime.missing(faults, ${quote(field.property)});`),
  ];
}

function checkField(field: FieldPlan, read: string, context: Context): readonly Source[] {
  switch (field.shape.kind) {
    case "single":
      return field.presence === "implicit" ? checkImplicit(field, field.shape.value, read, context) : checkExplicit(field, read, context);
    case "list":
      return checkCollection(field, read, "runtime.emptyList", checkItems(field, context));
    case "map":
      return checkCollection(field, read, "runtime.emptyMap", checkEntries(field, context));
  }
}

function checkExplicit(field: FieldPlan, read: string, context: Context): readonly Source[] {
  const missing = [
    ...(field.presence === "required" ? [`runtime.lacking(faults, ${quote(field.property)});`] : []),
    ...(field.required ? [`runtime.missing(faults, ${quote(field.property)});`] : []),
  ];
  const otherwise = missing.length > 0 ? ["} else {", missing, "}"] : ["}"];
  return [`const value = ${read};`, "if (value !== undefined) {", checkSingle(field, "value", context), ...otherwise];
}

function checkSingle(field: FieldPlan, name: string, context: Context): readonly Source[] {
  return field.shape.kind === "single" ? checkValue(field, field.shape.value, name, field.property, context) : [];
}

/** Zero and absence are one: rules hold for an absent field as for its zero value. */
function checkImplicit(field: FieldPlan, plan: ValuePlan, read: string, context: Context): readonly Source[] {
  const { scope, typeName } = context;
  const checked = { scope, plan, name: "value", path: field.property, typeName, fieldNumber: field.number };
  if (plan.rules.length + plan.expressions.length === 0 && !field.required)
    return [`const value = ${read};`, "if (value !== undefined) {", unlessFine(plan, "value", scope, printCheckedValue(checked)), "}"];
  const zero = plan.type.kind === "scalar" ? zeroOf(plan.type) : plan.type.kind === "null_value" ? "null" : "0";
  const isThere = isNotZeroValue(plan.type, "value");
  const body = printCheckedValue(checked, (rules) => {
    const missing = [`runtime.missing(faults, ${quote(field.property)});`];
    if (!field.required) return field.ignoreZero ? [`if (${isThere}) {`, rules, "}"] : rules;
    return rules.length === 0 ? [`if (!(${isThere})) {`, missing, "}"] : [`if (${isThere}) {`, rules, "} else {", missing, "}"];
  });
  return [
    `const value = ${read} === undefined ? ${zero === "new Uint8Array()" ? "runtime.emptyBytes" : zero} : ${read};`,
    ...unlessFine(plan, "value", scope, body, field.required ? isThere : undefined),
  ];
}

/** `body`, for values that a test without calls of checks does not tell to be fine. */
function unlessFine(plan: ValuePlan, name: string, scope: FileScope, body: readonly Source[], condition?: string): readonly Source[] {
  const test = printFastTest(plan, name, scope);
  return test === undefined ? body : [`if (!(${test}${condition === undefined ? "" : ` && ${condition}`})) {`, body, "}"];
}

/** Statements that check a value of any type, at a path of its own. */
function checkValue(field: FieldPlan, plan: ValuePlan, name: string, path: string, { scope, typeName }: Context): readonly Source[] {
  if (plan.type.kind === "message") return checkNested(plan, name, quote(path), scope);
  const body = printCheckedValue({ scope, plan, name, path, typeName, fieldNumber: field.number });
  // of items and entries the caller leaves out more
  return path === "" ? body : unlessFine(plan, name, scope, body);
}

/** Statements that check an item or entry, the path of which is put in front of its faults afterwards. */
function checkElement(field: FieldPlan, plan: ValuePlan, name: string, path: string, context: Context): readonly Source[] {
  if (plan.type.kind === "message") return checkNested(plan, name, path, context.scope);
  const body = ["const mark = faults.mark();", ...checkValue(field, plan, name, "", context), `faults.within(mark, ${path});`];
  return unlessFine(plan, name, context.scope, body);
}

function checkNested(plan: ValuePlan, name: string, path: string, scope: FileScope): readonly Source[] {
  if (plan.type.kind !== "message") return [];
  const self = `(${name} as ${scope.refer(plan.type.message, "", "Init")})`;
  const expressions = printExpressions(plan.expressions, "", { scope, self });
  return [
    ...(expressions.length > 0 ? ["const sound = faults.structural;"] : []),
    "const mark = faults.enter();",
    `${scope.refer(plan.type.message, "check")}(faults, ${name});`,
    ...(plan.structureOnly ? ["faults.keepStructural(mark);"] : []),
    ...(expressions.length > 0 ? ["if (faults.structural === sound) {", expressions, "}"] : []),
    `faults.leave(mark, ${path});`,
  ];
}

function checkCollection(field: FieldPlan, read: string, empty: string, body: readonly Source[]): readonly Source[] {
  const { shape, property, required, ignoreZero } = field;
  if (required) {
    return [`const value = ${read};`, "if (value === undefined) {", [`runtime.missing(faults, ${quote(property)});`], "} else {", body, "}"];
  }
  // an absent collection is an empty one, for which rules hold too
  const isRuled = shape.kind !== "single" && shape.rules.length + shape.expressions.length > 0 && !ignoreZero;
  if (isRuled) return [`const value = ${read} === undefined ? ${empty} : ${read};`, ...body];
  return [`const value = ${read};`, "if (value !== undefined) {", body, "}"];
}

function checkItems(field: FieldPlan, context: Context): readonly Source[] {
  if (field.shape.kind !== "list") return [];
  const { item } = field.shape;
  const path = quote(field.property);
  return [
    `if (runtime.isList(faults, ${path}, value)) {`,
    [
      ...collectionRules(field, "value.length > 0", context),
      "for (let index = 0; index < value.length; index++) {",
      ["const item = value[index];", ...checkElement(field, item, "item", `${path}, index`, context)],
      "}",
      ...collectionExpressions(field, "value.length > 0", context),
    ],
    "}",
  ];
}

function checkEntries(field: FieldPlan, context: Context): readonly Source[] {
  if (field.shape.kind !== "map") return [];
  const { key, value } = field.shape;
  const path = quote(field.property);
  // keys are values too
  const entryPath = `${path}, ${field.sensitive ? quote("…") : "key"}`;
  return [
    `const entries = runtime.mapEntries(faults, ${path}, value, ${isStringKey(field.shape)});`,
    "if (entries !== undefined) {",
    [
      ...collectionRules(field, "runtime.mapSize(value) > 0", context),
      // an entry is a message on the wire
      "faults.depth++;",
      "for (const [key, entry] of entries) {",
      [
        ...unlessFine(key, "key", context.scope, [
          "const keyMark = faults.mark();",
          ...checkValue(field, key, "key", "", context),
          `faults.withinKey(keyMark, ${entryPath});`,
        ]),
        ...checkElement(field, value, "entry", entryPath, context),
      ],
      "}",
      "faults.depth--;",
      ...collectionExpressions(field, "runtime.mapSize(value) > 0", context),
    ],
    "}",
  ];
}

/** An empty collection is missing where it is required, and breaks no other rule then. */
function collectionRules(field: FieldPlan, isFilled: string, { scope }: Context): readonly Source[] {
  const { rules, expressions } = collectionRulesOf(field);
  const calls = printRuleCalls(rules, field.property, "value", scope);
  const sound = expressions.length > 0 ? ["const sound = faults.structural;"] : [];
  if (field.required) {
    const missing = [`runtime.missing(faults, ${quote(field.property)});`];
    return [...sound, `if (${isFilled}) {`, calls, "} else {", missing, "}"];
  }
  return [...sound, ...(calls.length > 0 && field.ignoreZero ? [`if (${isFilled}) {`, calls, "}"] : calls)];
}

/** The rules in CEL on a list or map itself, which hold where all that is in it has the right type. */
function collectionExpressions(field: FieldPlan, isFilled: string, { scope }: Context): readonly Source[] {
  const { expressions } = collectionRulesOf(field);
  if (expressions.length === 0) return [];
  const condition = field.required || field.ignoreZero ? `faults.structural === sound && ${isFilled}` : "faults.structural === sound";
  const self = `(value as ${printShape(field.shape, scope, "init")})`;
  return [`if (${condition}) {`, printExpressions(expressions, field.property, { scope, self }), "}"];
}

const collectionRulesOf = ({ shape }: FieldPlan): CollectionRules => (shape.kind === "single" ? { rules: [], expressions: [] } : shape);

/** An expression that tells whether a field counts as set, for the oneof rule of its message. */
function isSet(field: FieldPlan, message: MessagePlan): string {
  const oneof = message.members.find((member) => member.kind === "oneof" && member.fields.includes(field));
  if (oneof !== undefined) return `runtime.isCase(${access("message", oneof.property)}, ${quote(field.property)})`;
  const value = access("message", field.property);
  if (field.shape.kind !== "single") return `runtime.isFilled(${value})`;
  if (field.presence !== "implicit") return `${value} !== undefined`;
  const { type } = field.shape.value;
  if (type.kind === "scalar" && type.type === "bytes") return `runtime.isFilled(${value})`;
  return `${value} !== undefined && ${value} !== ${type.kind === "scalar" ? zeroOf(type) : type.kind === "null_value" ? "null" : "0"}`;
}
