import { setTimeout as delay } from "node:timers/promises";
import { outboxTableSql } from "@org/bus-connect-postgres";
import pg from "pg";
import { outboxTable, slot } from "../relay/connector.js";
import { placeOrder } from "./place-order.js";

const customers = 20;
/** Every so many orders a customer changes their mind. */
const rollbackEvery = 7;

/** A shop with customers who place orders, on a database of its own schema. */
export class Shop implements AsyncDisposable {
  readonly #pool: pg.Pool;
  placed = 0;

  constructor(url: string) {
    this.#pool = new pg.Pool({ connectionString: url, max: 4 });
    // a connection that was lost while it was idle is replaced by the next use
    this.#pool.on("error", () => {});
  }

  /** Makes the tables anew, and the slot from which the relay reads: what is committed from now on is in it. */
  async open(): Promise<void> {
    const tables =
      "create table shop.customers (customer_id text primary key, orders int not null); create table shop.orders (order_id uuid primary key, customer_id text not null, number int not null, total_cents bigint not null, placed_at timestamptz not null)";
    await this.#pool.query(`drop schema if exists shop cascade; create schema shop; ${tables}; ${outboxTableSql({ table: outboxTable })}`);
    await this.#dropSlot();
    await this.#pool.query(`drop publication if exists ${slot}`);
    await this.#pool.query(`create publication ${slot} for table ${outboxTable} with (publish = 'insert')`);
    await this.#pool.query("select pg_create_logical_replication_slot($1, 'pgoutput')", [slot]);
  }

  /** Customers place orders, some at the same time, until `signal` fires. */
  async sell(ordersPerSecond: number, signal: AbortSignal): Promise<void> {
    const clerk = async (index: number): Promise<void> => {
      for (let count = index; !signal.aborted; count += 1) {
        const client = await this.#pool.connect();
        try {
          const customerId = `customer-${(count * 7 + index) % customers}`;
          const changesMind = count % rollbackEvery === 0;
          if ((await placeOrder(client, { customerId, totalCents: BigInt(100 + count) }, changesMind)) !== undefined) this.placed += 1;
        } finally {
          client.release();
        }
        await delay(3000 / ordersPerSecond, undefined, { signal }).catch(() => {});
      }
    };
    await Promise.all([clerk(0), clerk(1), clerk(2)]);
  }

  /** The orders that are in the database, by id. */
  async orders(): Promise<ReadonlyMap<string, { readonly customerId: string; readonly number: number }>> {
    const { rows } = await this.#pool.query<{ order_id: string; customer_id: string; number: number }>(
      "select order_id, customer_id, number from shop.orders",
    );
    return new Map(rows.map((row) => [row.order_id, { customerId: row.customer_id, number: row.number }]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // a slot that nobody reads would keep the log of the server for ever
    await this.#dropSlot().catch(() => {});
    await this.#pool.end();
  }

  async #dropSlot(): Promise<void> {
    await this.#pool.query("select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = $1 and active", [slot]);
    for (let tries = 0; tries < 50; tries++) {
      const { rows } = await this.#pool.query("select active from pg_replication_slots where slot_name = $1", [slot]);
      if (rows.length === 0) return;
      if (rows[0].active === false) await this.#pool.query("select pg_drop_replication_slot($1)", [slot]);
      else await delay(100);
    }
  }
}
