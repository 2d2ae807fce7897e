import type { AnyContract } from "@org/bus-core";
import * as after from "./after/gen/evolution/v1/evolution.js";
import * as before from "./before/gen/evolution/v1/evolution.js";

const { Color, Size, State } = after;

/** A message as a producer of one version publishes it, and what a consumer of the other version sees. */
interface Crossing {
  readonly published: object;
  readonly seen: object;
}

export interface Change {
  readonly name: string;
  readonly before: AnyContract;
  readonly after: AnyContract;
  readonly oldProducer: Crossing;
  readonly newProducer: Crossing;
}

const nothingOdd = { id: "a" };

/** Every kind of change that `buf breaking` allows to those who exchange bytes (its rules WIRE). */
export const changes: readonly Change[] = [
  change(
    [before.FieldAdded, after.FieldAdded],
    [nothingOdd, { ...nothingOdd, amount: 0n, note: "" }],
    [{ ...nothingOdd, amount: 5n, note: "n" }, nothingOdd],
  ),
  change(
    [before.OptionalAdded, after.OptionalAdded],
    [nothingOdd, { ...nothingOdd, note: undefined }],
    [{ ...nothingOdd, note: "", level: 0 }, nothingOdd],
  ),
  change(
    [before.MessageAdded, after.MessageAdded],
    [nothingOdd, { ...nothingOdd, detail: undefined }],
    [{ ...nothingOdd, detail: { text: "t", number: 1 } }, nothingOdd],
  ),
  change(
    [before.ListAdded, after.ListAdded],
    [nothingOdd, { ...nothingOdd, tags: [], numbers: [], details: [] }],
    [{ ...nothingOdd, tags: ["t", ""], numbers: [1n, -1n], details: [{ text: "t" }, {}] }, nothingOdd],
  ),
  change(
    [before.MapAdded, after.MapAdded],
    [nothingOdd, { ...nothingOdd, counts: new Map(), details: new Map() }],
    [{ ...nothingOdd, counts: { a: 1, "": 0 }, details: new Map([[-1n, { text: "t" }]]) }, nothingOdd],
  ),
  change(
    [before.OneofAdded, after.OneofAdded],
    [nothingOdd, { ...nothingOdd, target: undefined }],
    [{ ...nothingOdd, target: { case: "detail", value: { text: "t" } } }, nothingOdd],
  ),
  change(
    [before.CaseAdded, after.CaseAdded],
    [
      { ...nothingOdd, target: { case: "email", value: "e" } },
      { ...nothingOdd, target: { case: "email", value: "e" } },
    ],
    [
      { ...nothingOdd, target: { case: "phone", value: "p" } },
      { ...nothingOdd, target: undefined },
    ],
  ),
  change(
    [before.EnumValueAdded, after.EnumValueAdded],
    [
      { ...nothingOdd, color: Color.RED, colors: [Color.RED] },
      { ...nothingOdd, color: Color.RED, colors: [Color.RED] },
    ],
    [
      {
        ...nothingOdd,
        color: Color.GREEN,
        colors: [Color.RED, Color.BLUE],
        named: { a: Color.GREEN },
        choice: { case: "chosen", value: Color.BLUE },
        maybe: Color.GREEN,
      },
      { ...nothingOdd, color: 2, colors: [1, -3], named: new Map([["a", 2]]), choice: { case: "chosen", value: -3 }, maybe: 2 },
    ],
  ),
  change(
    [before.EnumValueRenamed, after.EnumValueRenamed],
    [
      { ...nothingOdd, state: before.State.ACTIVE },
      { ...nothingOdd, state: State.RUNNING },
    ],
    [
      { ...nothingOdd, state: State.RUNNING },
      { ...nothingOdd, state: before.State.ACTIVE },
    ],
  ),
  change(
    [before.EnumValueRemoved, after.EnumValueRemoved],
    [
      { ...nothingOdd, size: before.Size.LARGE, sizes: [before.Size.SMALL, before.Size.LARGE] },
      { ...nothingOdd, size: 2, sizes: [Size.SMALL, 2] },
    ],
    [
      { ...nothingOdd, size: Size.SMALL },
      { ...nothingOdd, size: before.Size.SMALL },
    ],
  ),
  change(
    [before.NestedFieldAdded, after.NestedFieldAdded],
    [
      { ...nothingOdd, part: { name: "p" } },
      { ...nothingOdd, part: { name: "p", weight: 0, labels: [] } },
    ],
    [
      {
        ...nothingOdd,
        part: { name: "p", weight: 1 },
        parts: [{ weight: 2 }, { labels: ["l"] }],
        named: { a: { weight: 3 } },
        choice: { case: "chosen", value: { name: "c", labels: ["", "m"] } },
      },
      {
        ...nothingOdd,
        part: { name: "p" },
        parts: [{ name: "" }, { name: "" }],
        named: new Map([["a", { name: "" }]]),
        choice: { case: "chosen", value: { name: "c" } },
      },
    ],
  ),
  change(
    [before.FieldRemoved, after.FieldRemoved],
    [
      { ...nothingOdd, note: "n", numbers: [1, 2], part: { name: "p" }, kept: "k" },
      { ...nothingOdd, kept: "k" },
    ],
    [
      { ...nothingOdd, kept: "k" },
      { ...nothingOdd, note: "", numbers: [], part: undefined, kept: "k" },
    ],
  ),
  change(
    [before.CaseRemoved, after.CaseRemoved],
    [
      { ...nothingOdd, target: { case: "phone", value: "p" } },
      { ...nothingOdd, target: undefined },
    ],
    [
      { ...nothingOdd, target: { case: "email", value: "e" } },
      { ...nothingOdd, target: { case: "email", value: "e" } },
    ],
  ),
  change(
    [before.FieldRenamed, after.FieldRenamed],
    [
      { ...nothingOdd, note: "n", numbers: [1], part: { name: "p" } },
      { ...nothingOdd, remark: "n", figures: [1], piece: { name: "p" } },
    ],
    [
      { ...nothingOdd, remark: "n", figures: [1], piece: { name: "p" } },
      { ...nothingOdd, note: "n", numbers: [1], part: { name: "p" } },
    ],
  ),
  change(
    [before.PresenceAdded, after.PresenceAdded],
    [
      { ...nothingOdd, level: 0, note: "n" },
      { ...nothingOdd, level: undefined, note: "n" },
    ],
    [
      { ...nothingOdd, note: "n" },
      { ...nothingOdd, level: 0, note: "n" },
    ],
  ),
  change(
    [before.Widened, after.Widened],
    [
      { ...nothingOdd, plain: -1, natural: 4_294_967_295, zigzag: -5, flag: true, many: [1, -1] },
      { ...nothingOdd, plain: -1n, natural: 4_294_967_295n, zigzag: -5n, flag: 1, many: [1n, -1n] },
    ],
    [
      { ...nothingOdd, plain: -1n, natural: 4_294_967_295n, zigzag: -5n, flag: 1, many: [1n, -1n] },
      { ...nothingOdd, plain: -1, natural: 4_294_967_295, zigzag: -5, flag: true, many: [1, -1] },
    ],
  ),
  change(
    [before.Resigned, after.Resigned],
    [
      { ...nothingOdd, plain: -1, fourBytes: 4_294_967_295, eightBytes: -1n },
      { ...nothingOdd, plain: 4_294_967_295, fourBytes: -1, eightBytes: 18_446_744_073_709_551_615n },
    ],
    [
      { ...nothingOdd, plain: 4_294_967_295, fourBytes: -1, eightBytes: 18_446_744_073_709_551_615n },
      { ...nothingOdd, plain: -1, fourBytes: 4_294_967_295, eightBytes: -1n },
    ],
  ),
  change(
    [before.TextToBytes, after.TextToBytes],
    [
      { ...nothingOdd, content: "é" },
      { ...nothingOdd, content: Uint8Array.of(0xc3, 0xa9) },
    ],
    [
      { ...nothingOdd, content: Uint8Array.of(0xc3, 0xa9) },
      { ...nothingOdd, content: "é" },
    ],
  ),
  change(
    [before.Unpacked, after.Unpacked],
    [
      { ...nothingOdd, numbers: [1, 300, -1] },
      { ...nothingOdd, numbers: [1, 300, -1] },
    ],
    [
      { ...nothingOdd, numbers: [1, 300, -1] },
      { ...nothingOdd, numbers: [1, 300, -1] },
    ],
  ),
  change(
    [before.RuleRelaxed, after.RuleRelaxed],
    [
      { ...nothingOdd, note: "abc" },
      { ...nothingOdd, note: "abc" },
    ],
    [
      { ...nothingOdd, note: "abc" },
      { ...nothingOdd, note: "abc" },
    ],
  ),
];

function change(
  [older, newer]: readonly [AnyContract, AnyContract],
  [oldPublished, newSees]: readonly [object, object],
  [newPublished, oldSees]: readonly [object, object],
): Change {
  return {
    name: older.typeName.replace("evolution.v1.", ""),
    before: older,
    after: newer,
    oldProducer: { published: oldPublished, seen: newSees },
    newProducer: { published: newPublished, seen: oldSees },
  };
}
