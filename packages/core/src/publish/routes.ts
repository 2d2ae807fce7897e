import type { AnyContract } from "../contract/contract.js";
import { topicOf } from "../contract/topic-of.js";
import { type ConstantHeaders, constantHeaders } from "./record-headers.js";

/** What all messages of a contract have in common. */
export interface Route {
  readonly topic: string;
  readonly constant: ConstantHeaders;
}

/** The routes of the contracts that a service publishes. */
export class Routes {
  readonly #service: string;
  readonly #routes = new WeakMap<AnyContract, Route>();

  constructor(service: string) {
    this.#service = service;
  }

  /** @throws {BusError} `invalid_options` for a contract without a topic */
  of(contract: AnyContract): Route {
    let route = this.#routes.get(contract);
    if (route === undefined) {
      route = { topic: topicOf(contract).name, constant: constantHeaders(contract.typeName, this.#service) };
      this.#routes.set(contract, route);
    }
    return route;
  }
}
