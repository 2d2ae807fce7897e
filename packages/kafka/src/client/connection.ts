import { type Clock, type Logger, systemClock } from "@org/bus-core";
import { principalOf } from "@org/bus-core/internal";
import type { ResolvedKafkaOptions } from "../options/options.js";
import { Backoff } from "./backoff.js";
import { type CreateClient, clientFactory } from "./client.js";

/** What the adapter does not take from its options: a simulation gives its own. */
export interface Surroundings {
  readonly clock: Clock;
  /** Numbers from 0 to 1, for jitter. */
  readonly random: () => number;
  readonly createClient: CreateClient;
}

/** What the parts of one transport share. */
export interface Connection {
  readonly createClient: CreateClient;
  /** Who the cluster takes us for, for messages. */
  readonly principal: string;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly backoff: Backoff;
}

export function connectionOf(options: ResolvedKafkaOptions, surroundings: Partial<Surroundings> = {}): Connection {
  const { clock = systemClock, random = Math.random, createClient = clientFactory(options, clock) } = surroundings;
  return { createClient, principal: principalOf(options.sasl), logger: options.logger, clock, backoff: new Backoff(clock, random) };
}
