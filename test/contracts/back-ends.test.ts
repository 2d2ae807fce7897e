import { isDeepStrictEqual } from "node:util";
import { create, createFileRegistry, type DescMessage, type FileRegistry } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { BusError, type Contract, type Violation } from "@org/bus-core";
import { CompileError, compileContracts } from "@org/bus-core/compiler";
import fc, { type GeneratorValue } from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitraryJunk } from "./support/arbitrary-junk.js";
import { generateMessageOf } from "./support/arbitrary-message.js";
import { arbitrarySchema, importedFiles } from "./support/arbitrary-schema.js";
import { type Loose, propertyOf } from "./support/es-message.js";
import { loadPrinted } from "./support/load-printed.js";
import { valuesNearBounds } from "./support/values-near-bounds.js";

/** A contract of both back ends, and what another implementation calls its type. */
interface Pair {
  readonly desc: DescMessage;
  readonly closures: Contract;
  readonly printed: Contract;
}

/** The messages of a file, compiled by both back ends; why they do not compile, where that is the same for both. */
function compileBoth(registry: FileRegistry, set: Parameters<typeof compileContracts>[0], file: string): readonly Pair[] | CompileError {
  const printed = outcome(() => loadPrinted([...registry.files], file));
  const closures = outcome(() => compileContracts(set).contracts);
  if (printed instanceof Error || closures instanceof Error) {
    expect(closures).toEqual(printed);
    expect(closures).toBeInstanceOf(CompileError);
    return closures as CompileError;
  }
  expect(Array.from(closures.keys()).filter((typeName) => typeName.startsWith("generated."))).toEqual([...printed.keys()]);
  return Array.from(printed, ([typeName, contract]) => {
    const [desc, other] = [registry.getMessage(typeName), closures.get(typeName)];
    if (desc === undefined || other === undefined) throw new Error(`no ${typeName}`);
    return { desc, closures: other, printed: contract };
  });
}

function outcome<T>(work: () => T): T | Error {
  try {
    return work();
  } catch (error) {
    return error as Error;
  }
}

/** A message of the type, or one in which something has another type. */
function generateCandidate(generate: GeneratorValue, desc: DescMessage): Loose {
  const message = generateMessageOf(generate, desc, valuesNearBounds);
  const member = desc.members[generate(index, 2 * desc.members.length)];
  return member === undefined ? message : { ...message, [propertyOf(member.localName)]: generate(junk) };
}

/** Bytes that were cut or changed somewhere. */
function damage(generate: GeneratorValue, bytes: Uint8Array): Uint8Array {
  const damaged = new Uint8Array(bytes.subarray(0, bytes.length - generate(index, 2)));
  if (damaged.length > 0) damaged[generate(index, damaged.length - 1)] = generate(byte);
  return damaged;
}

const index = (max: number): fc.Arbitrary<number> => fc.nat(max);
const byte = (): fc.Arbitrary<number> => fc.nat(255);
const junk = (): fc.Arbitrary<unknown> => arbitraryJunk;

/** All that a violation says, also what is made only when it is read. */
const asPlain = (violations: readonly Violation[]): readonly object[] =>
  violations.map(({ path, rule, message, standard }) => ({ path, rule, message, standard }));

/** What a contract says of its messages, with the names of the messages that it refers to. */
function described(contract: Contract): unknown {
  const refersTo = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(refersTo);
    if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
    if ("typeName" in value) return value.typeName;
    return Object.fromEntries(Object.entries(value).map(([name, property]) => [name, refersTo(property)]));
  };
  return refersTo(contract.describe?.());
}

function expectSame(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toStrictEqual(expected);
}

/** What has no encoding. */
const structural = /^(?:type|unknown_field|range|utf8|depth|unreadable|type_url|legacy_required|(?:enum|oneof)\.undeclared)$/;

describe("the printer and the closures", { timeout: 180_000 }, () => {
  const seen = { rules: new Set<string>(), encoded: 0, malformed: 0, schemas: 0 };

  function compare(generate: GeneratorValue, { desc, closures, printed }: Pair): void {
    const message = generateCandidate(generate, desc);
    const violations = closures.validate(message);
    expectSame(asPlain(violations), asPlain(printed.validate(message)));
    for (const { rule } of violations) seen.rules.add(rule);
    if (violations.some(({ rule }) => structural.test(rule))) return;
    const bytes = closures.encode(message);
    expect(bytes).toEqual(printed.encode(message));
    seen.encoded++;
    for (const received of [bytes, damage(generate, bytes)]) {
      const decoded = outcome(() => closures.decode(received));
      expectSame(
        decoded,
        outcome(() => printed.decode(received)),
      );
      if (decoded instanceof BusError) seen.malformed++;
      else expect(closures.encode(decoded)).toEqual(printed.encode(decoded));
    }
  }

  const property = fc.property(arbitrarySchema, fc.gen(), (schema, generate) => {
    const set = create(FileDescriptorSetSchema, { file: [...importedFiles, schema] });
    const pairs = compileBoth(createFileRegistry(set), set, schema.name);
    if (pairs instanceof CompileError) return;
    seen.schemas++;
    for (const { closures, printed } of pairs) expectSame(described(closures), described(printed));
    for (const pair of pairs) for (let run = 0; run < 10; run++) compare(generate, pair);
  });

  it("say the same of a message, find the same faults, write the same bytes and read the same messages", () => {
    const wanted = ["generated.0", "generated.message", "unevaluable", "legacy_required"];
    // one in some ten runs does not meet the rarest of them
    for (let round = 0; round === 0 || (round < 10 && !wanted.every((rule) => seen.rules.has(rule))); round++) fc.assert(property, { numRuns: 100 });
    expect(seen.schemas).toBeGreaterThan(50);
    expect(seen.encoded).toBeGreaterThan(1000);
    expect(seen.malformed).toBeGreaterThan(100);
    expect(seen.rules.size).toBeGreaterThan(50);
    expect([...seen.rules]).toEqual(expect.arrayContaining(wanted));
  });
});
