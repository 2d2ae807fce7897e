import type { Clock } from "@org/bus-core";
import type { Answer, Arguments, RequestName } from "@org/bus-kafka-platformatic/internal";
import type { Kafka } from "../../kafka/kafka.js";
import type { Wire } from "../../kafka/wire.js";
import { groupAnswers } from "./group.js";
import { logAnswers } from "./log.js";
import { topicAnswers } from "./topics.js";

/** The broker that is asked, and by whom. */
export interface BrokerContext {
  readonly kafka: Kafka;
  readonly wire: Wire;
  readonly clock: Clock;
  readonly node: number;
  /** Of the client. */
  readonly name: string;
  /** That a fetch brings of each partition. */
  readonly mostRecords: number;
}

export type Answerer<Name extends RequestName> = (context: BrokerContext, ...args: Arguments<Name>) => Answer<Name> | Promise<Answer<Name>>;
export type Answers = { readonly [Name in RequestName]?: Answerer<Name> };

/** How a broker answers each request. */
export const answers: Answers = { ...topicAnswers, ...logAnswers, ...groupAnswers };
