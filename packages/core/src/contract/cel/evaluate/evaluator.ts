import { celEnv, celFromScalar, isCelError, parse, plan } from "@bufbuild/cel";
import { createFileRegistry, type DescMessage, type FileRegistry, fromBinary, getExtension, type Registry } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { FileDescriptorSetSchema, TimestampSchema } from "@bufbuild/protobuf/wkt";
import type { Faults } from "../../rules/faults.js";
import { EvaluationError } from "../runtime/evaluation-error.js";
import { attempt } from "../runtime/rule.js";
import type { EvaluatedRule } from "./evaluated-rule.js";
import { extensions } from "./functions.js";
import { elementsOf, type Place } from "./places.js";

/** Checks the rules of a message that could not be compiled, on its bytes. */
export interface Evaluator {
  check(faults: Faults, bytes: Uint8Array): void;
}

/** Makes what evaluates rules on the types in `descriptors`, the bytes of a `google.protobuf.FileDescriptorSet`. Nothing is done before the first check. */
export function createEvaluators(descriptors: () => Uint8Array): (typeName: string, rules: readonly EvaluatedRule[]) => Evaluator {
  let environment: Environment | undefined;
  return (typeName, rules) => {
    let checks: readonly Check[] | undefined;
    return {
      check(faults, bytes) {
        environment ??= createEnvironment(descriptors());
        const desc = environment.messageNamed(typeName);
        checks ??= prepare(environment, desc, rules);
        const message = reflect(desc, fromBinary(desc, bytes));
        for (const check of checks) check(faults, message);
      },
    };
  };
}

type Check = (faults: Faults, message: ReflectMessage) => void;

interface Environment {
  readonly registry: FileRegistry;
  messageNamed(typeName: string): DescMessage;
  /** The function of an expression. */
  evaluate(expression: string): (bindings: Readonly<Record<string, unknown>>) => unknown;
}

function createEnvironment(descriptors: Uint8Array): Environment {
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptors));
  const env = celEnv({ registry: registry as Registry, funcs: [...extensions] });
  return {
    registry,
    messageNamed(typeName) {
      const found = registry.getMessage(typeName);
      if (found === undefined) throw new TypeError(`no message ${typeName} among the descriptors`);
      return found;
    },
    evaluate: (expression) => plan(env, parse(expression)) as (bindings: Readonly<Record<string, unknown>>) => unknown,
  };
}

function prepare(environment: Environment, desc: DescMessage, rules: readonly EvaluatedRule[]): readonly Check[] {
  return rules.map((rule) => {
    const evaluate = environment.evaluate(rule.source);
    const constants = constantsOf(environment, rule);
    const field = desc.fields.find(({ number }) => number === rule.field);
    const checkAt = (faults: Faults, { value, property, key }: Place): void => {
      const mark = faults.mark();
      attempt(faults, "", rule, () => resultOf(evaluate({ ...constants, this: value, now: nowOf(faults) })));
      if (rule.place === "keys") faults.withinKey(mark, property, key);
      else if (property !== "") faults.within(mark, property, key);
    };
    return (faults, message) => {
      for (const place of field === undefined ? [{ value: message, property: "", key: undefined }] : elementsOf(message, field, rule)) {
        checkAt(faults, place);
      }
    };
  });
}

/** `rules` and `rule` of a predefined rule. */
function constantsOf({ registry, messageNamed }: Environment, { predefined }: EvaluatedRule): Readonly<Record<string, unknown>> {
  if (predefined === undefined) return {};
  const desc = messageNamed(predefined.rulesType);
  const rules = fromBinary(desc, predefined.rules);
  const extension = registry.getExtensionFor(desc, predefined.extension);
  if (extension === undefined) throw new TypeError(`no extension ${predefined.extension} of ${desc.typeName} among the descriptors`);
  const value: unknown = getExtension(rules as never, extension as never); // found by its number, which the types cannot follow
  return { rules: reflect(desc, rules), rule: extension.fieldKind === "scalar" ? celFromScalar(extension.scalar, value as never) : value };
}

const nowOf = (faults: Faults): unknown => {
  const nanos = faults.now();
  return { $typeName: TimestampSchema.typeName, seconds: nanos / 1_000_000_000n, nanos: Number(nanos % 1_000_000_000n) };
};

function resultOf(result: unknown): boolean | string {
  if (typeof result === "boolean" || typeof result === "string") return result;
  throw new EvaluationError(isCelError(result) ? result.message : "it gives neither bool nor string");
}
