import { fileURLToPath } from "node:url";
import { create, createFileRegistry, type DescMessage, fromBinary, type Message } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { loadDescriptorSet } from "@org/bus-cli";
import type { Order } from "../orders.js";

/** OrderPlaced as @bufbuild/protobuf knows it. The code that its generator makes holds this same descriptor, and types. */
export async function loadEsOrder(): Promise<DescMessage> {
  const set = await loadDescriptorSet("proto", fileURLToPath(new URL("../../..", import.meta.url)));
  const desc = createFileRegistry(fromBinary(FileDescriptorSetSchema, set)).getMessage("bench.v1.OrderPlaced");
  if (desc === undefined) throw new Error("bench.v1.OrderPlaced is not declared");
  return desc;
}

/** An order as @bufbuild/protobuf holds it. */
export function toEsOrder(desc: DescMessage, order: Order): Message {
  // its types of what may be given come from generated code, which is not there for a descriptor
  return create(desc, order as never);
}
