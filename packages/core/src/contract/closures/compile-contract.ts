import type { KeyPlan, MessagePlan } from "../compiler/plan.js";
import type { CompactedContract, Contract } from "../contract.js";
import { type DescriptionTypes, describeMessage } from "../description/describe-message.js";
import { defineCompactedContract, defineContract } from "../wire/define-contract.js";
import { bytesKey, implicitIntegerKey, integerKey, textKey } from "../wire/record-key.js";
import { compileCheck } from "./check-message.js";
import { compileFieldTable } from "./field-table.js";
import type { LinkedMessage, Links, Loose } from "./links.js";
import { compileRead } from "./read-message.js";
import { compileWrite } from "./write-message.js";

/** What a plan does, as closures instead of printed code. */
export function compileMessage(message: MessagePlan, links: Links): LinkedMessage {
  return {
    fields: compileFieldTable(message, links),
    check: compileCheck(message, links),
    write: compileWrite(message, links),
    read: compileRead(message, links),
  };
}

/** The contract of a message, as the generated file would define it. */
export function compileContract(message: MessagePlan, links: Links, types: DescriptionTypes<Contract>): Contract | CompactedContract<object> {
  const { typeName, topic, sensitiveFields, key } = message;
  const { fields, check, write, read } = links.message(message);
  const definition = {
    typeName,
    ...(topic !== undefined && { topic }),
    sensitiveFields,
    fields: () => fields,
    check,
    write: write as (writer: Parameters<typeof write>[0], message: object) => void,
    read: (reader: Parameters<typeof read>[0]) => read(reader),
    key: compileKey(key),
    describe: () => describeMessage(message, types),
  };
  if (topic === undefined || topic.cleanup === "delete" || key === undefined) return defineContract(definition);
  return defineCompactedContract({
    ...definition,
    topic: { ...topic, cleanup: topic.cleanup },
    keyPath: key.path.map(({ property }) => property),
    keyKind: key.encoding,
  });
}

function compileKey(key: KeyPlan | undefined): (message: object) => Uint8Array | null {
  if (key === undefined) return () => null;
  const properties = key.path.map(({ property }) => property);
  const toKey = keyFunction(key) as (value: unknown) => Uint8Array | null;
  return (message) => {
    let value: unknown = message;
    for (const property of properties) value = (value as Loose | undefined)?.[property];
    return toKey(value);
  };
}

const keyFunctions = { text: textKey, integer: integerKey, bytes: bytesKey };

/** Absent integers are 0 where the `.proto` cannot tell the two apart. */
const keyFunction = ({ encoding, path }: KeyPlan) =>
  encoding === "integer" && path.at(-1)?.implicit === true ? implicitIntegerKey : keyFunctions[encoding];
