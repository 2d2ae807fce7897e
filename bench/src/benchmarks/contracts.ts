import { isDeepStrictEqual } from "node:util";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { createValidator } from "@bufbuild/protovalidate";
import type { Benchmark, Figures } from "../benchmark.js";
import { decodeOrder } from "../contracts/by-hand/decode.js";
import { encodeOrder } from "../contracts/by-hand/encode.js";
import { validateOrder } from "../contracts/by-hand/validate.js";
import { validateOrderStrictly } from "../contracts/by-hand/validate-strictly.js";
import { makeOrders, type Order } from "../contracts/orders.js";
import { ajvOrder, toJsonOrder } from "../contracts/peers/ajv.js";
import { loadEsOrder, toEsOrder } from "../contracts/peers/protobuf-es.js";
import { holdIntegersAsNumbers, PbjsOrder, toPbjsOrder } from "../contracts/peers/protobufjs.js";
import { zodOrder } from "../contracts/peers/zod.js";
import { throughput } from "../contracts/throughput.js";
import { OrderPlaced } from "../gen/bench/v1/order_placed.js";

const orders = makeOrders(1_000);
const encoded = orders.map((order) => OrderPlaced.encode(order));

type Peers = Readonly<Record<string, () => Promise<Figures> | Figures>>;

/** Wrong verdicts would be cheap: valid orders must be found valid, and one of each kind of fault must not. */
function checked<T>(convert: (order: Order) => T, isValid: (value: T) => boolean): Figures {
  const [first] = orders;
  if (first === undefined || !orders.every((order) => isValid(convert(order)))) throw new Error("a valid order was refused");
  for (const wrong of [
    { customerEmail: "nobody" },
    { orderId: "1" },
    { priority: 10 },
    { weightKg: 0 },
    { items: [] },
    { discountCents: 10n ** 10n },
  ] as Partial<Order>[]) {
    if (isValid(convert({ ...first, ...wrong }))) throw new Error(`an order with another ${Object.keys(wrong).join()} was accepted`);
  }
  return throughput(orders.map(convert), (value) => (isValid(value) ? 1 : 0));
}

const validators: Peers = {
  "contract.validate": () => checked(identity, (order) => OrderPlaced.validate(order).length === 0),
  "by hand, as strict": () => checked(identity, (order) => validateOrderStrictly(order).length === 0),
  "by hand, types and rules": () => checked(identity, (order) => validateOrder(order).length === 0),
  "@bufbuild/protovalidate": async () => {
    const desc = await loadEsOrder();
    const validator = createValidator();
    return checked(
      (order) => toEsOrder(desc, order),
      (order) => validator.validate(desc, order).kind === "valid",
    );
  },
  zod: () => checked(identity, (order) => zodOrder.safeParse(order).success),
  "ajv, integers as numbers": () => checked(toJsonOrder, (order) => ajvOrder(order)),
  "protobufjs verify, types alone": () => throughput(orders.map(toPbjsOrder), (order) => (PbjsOrder.verify(order) === null ? 1 : 0)),
};

/** What is written must be read as what ours writes is. */
function writing<T>(values: readonly T[], write: (value: T) => Uint8Array): Figures {
  values.forEach((value, index) => {
    if (!isDeepStrictEqual(OrderPlaced.decode(write(value)), OrderPlaced.decode(encoded[index] ?? new Uint8Array())))
      throw new Error("wrote something else");
  });
  return throughput(values, (value) => write(value).length);
}

const encoders: Peers = {
  "contract.encode": () => writing(orders, (order) => OrderPlaced.encode(order)),
  "by hand": () => writing(orders, encodeOrder),
  "protobufjs static, Long": () => writing(orders.map(toPbjsOrder), (order) => PbjsOrder.encode(order).finish()),
  "protobufjs static, integers as numbers": () => {
    holdIntegersAsNumbers();
    return writing(orders.map(toPbjsOrder), (order) => PbjsOrder.encode(order).finish());
  },
  "@bufbuild/protobuf": async () => {
    const desc = await loadEsOrder();
    return writing(
      orders.map((order) => toEsOrder(desc, order)),
      (order) => toBinary(desc, order),
    );
  },
  "JSON.stringify, integers as numbers": () => throughput(orders.map(toJsonOrder), (order) => Buffer.from(JSON.stringify(order)).length),
};

/** What is read must hold what was written. */
function reading<T>(bytes: readonly Uint8Array[], read: (bytes: Uint8Array) => T, quantityOf: (order: T) => number): Figures {
  bytes.forEach((value, index) => {
    if (quantityOf(read(value)) !== orders[index]?.items[0]?.quantity) throw new Error("read something else");
  });
  return throughput(bytes, (value) => quantityOf(read(value)));
}

interface WithItems {
  readonly items?: readonly { readonly quantity?: number | null }[] | null;
}

const firstQuantity = (order: WithItems): number => order.items?.[0]?.quantity ?? 0;

const decoders: Peers = {
  "contract.decode": () => reading(encoded, (bytes) => OrderPlaced.decode(bytes), firstQuantity),
  "by hand, unknown fields lost": () => reading(encoded, decodeOrder, firstQuantity),
  "protobufjs static, Long": () => reading(encoded, (bytes) => PbjsOrder.decode(bytes), firstQuantity),
  "protobufjs static, integers as numbers": () => {
    holdIntegersAsNumbers();
    return reading(encoded, (bytes) => PbjsOrder.decode(bytes), firstQuantity);
  },
  "@bufbuild/protobuf": async () => {
    const desc = await loadEsOrder();
    return reading(
      encoded,
      (bytes) => fromBinary(desc, bytes),
      // its types come from generated code, which is not there for a descriptor
      (order) => firstQuantity(order as unknown as WithItems),
    );
  },
  "JSON.parse, integers as numbers": () =>
    reading(
      orders.map((order) => Buffer.from(JSON.stringify(toJsonOrder(order)))),
      (bytes) => JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()) as WithItems,
      firstQuantity,
    ),
};

const identity = <T>(value: T): T => value;

const meanBytes = Math.round(encoded.reduce((sum, { length }) => sum + length, 0) / encoded.length);

const message =
  `A message of 12 fields (two of 64 bits, one nested message, one to five items, a map; a UUID, an e-mail address, a pattern, ranges, lengths and one rule in CEL over two fields), ${meanBytes} B encoded ` +
  `on average; ${orders.length} different ones in turn. A second to warm up is not counted; each figure is the median of 40 slices of 50 ms, in time of the process (all of its threads), so that others on the machine do not count.`;

function contractsBenchmark(name: string, title: string, conditions: string, peers: Peers): Benchmark {
  return {
    name: `contracts-${name}`,
    title,
    conditions: `${message} ${conditions}`,
    better: "higher",
    needsKafka: false,
    measured: ["protobufjs", "@bufbuild/protobuf", "@bufbuild/protovalidate", "zod", "ajv", "ajv-formats"],
    peers,
  };
}

export const contractsBenchmarks: readonly Benchmark[] = [
  contractsBenchmark(
    "validate",
    "Validate a valid message",
    "All verdicts are checked first. Ours refuses undeclared properties and text without an encoding, too; so do zod, ajv (properties alone) and one of the two by hand. ajv is compiled, with allErrors; zod compiles objects itself; " +
      "protovalidate gets messages that were made beforehand. JSON Schema has no bigint, so ajv checks 64-bit integers as numbers.",
    validators,
  ),
  contractsBenchmark(
    "encode",
    "Encode",
    "The message is not checked in any of them. protobufjs: the static module of pbjs, of instances of its classes that were made beforehand. By hand: one buffer that is used again, integers up to 2^53.",
    encoders,
  ),
  contractsBenchmark(
    "decode",
    "Decode",
    "Ours and protobufjs (8) refuse text that is no UTF-8 and keep unknown fields. 64-bit integers are bigint with ours, by hand and with @bufbuild/protobuf; Long, or numbers that round beyond 2^53, with protobufjs.",
    decoders,
  ),
];
