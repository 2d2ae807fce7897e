import { Secret } from "@org/bus-connect";
import { postgresSink } from "@org/bus-connect-postgres";
import { OrderPlaced } from "../../contracts/gen/shop/v1/shop.js";
import type { Place } from "./place.js";

export const createSink = ({ url, name }: Place) =>
  postgresSink({ connection: { url: new Secret("test", () => url) }, contract: OrderPlaced, table: name, key: ["order_id"], createTable: true });

export const makeValue = (index: number): OrderPlaced => ({ orderId: String(index), customerId: `c${index % 7}`, totalCents: 1n });

// text cannot hold a NUL
export const poison = (): OrderPlaced => ({ orderId: "7\0", customerId: "c", totalCents: 1n });
