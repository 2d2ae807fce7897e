import { Secret } from "@org/bus-connect";
import { postgresOutbox } from "@org/bus-connect-postgres";
import { OrderPlaced } from "../../contracts/gen/shop/v1/shop.js";
import type { Place } from "./place.js";

export const createSource = ({ url, name }: Place) =>
  postgresOutbox({ connection: { url: new Secret("test", () => url) }, table: name, slot: name, contracts: [OrderPlaced], heartbeatMs: 500 });

export const idOf = (value: OrderPlaced): string => value.orderId;
