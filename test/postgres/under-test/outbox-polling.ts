import { Secret } from "@org/bus-connect";
import { postgresOutboxPolling } from "@org/bus-connect-postgres";
import { OrderPlaced } from "../../contracts/gen/shop/v1/shop.js";
import type { Place } from "./place.js";

export const createSource = ({ url, name }: Place) =>
  postgresOutboxPolling({ connection: { url: new Secret("test", () => url) }, table: name, contracts: [OrderPlaced], splits: 2 });

export const idOf = (value: OrderPlaced): string => value.orderId;
