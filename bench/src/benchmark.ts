/** What one measurement runs with. */
export interface RunContext {
  /** None where the benchmark needs no Kafka. */
  readonly brokers: readonly string[];
  /** A topic of the benchmark's own, made (and filled) by `prepare`. */
  readonly topic: string;
  /** Different for each measurement; for consumer groups. */
  readonly runId: string;
}

/** Figures by name; the first is the one that is compared. */
export type Figures = Readonly<Record<string, number>>;

export interface Benchmark {
  readonly name: string;
  readonly title: string;
  /** What is measured, under which conditions, and what is not. */
  readonly conditions: string;
  /** Figures that a larger value makes better, or worse. */
  readonly better: "higher" | "lower";
  readonly needsKafka: boolean;
  /** Its URL is in POSTGRES_URL then. @default false */
  readonly needsPostgres?: boolean;
  /** Packages besides ours whose versions the report names. */
  readonly measured: readonly string[];
  /** Makes the topic and fills it, once for all peers and rounds. */
  prepare?(context: RunContext): Promise<void>;
  /** Each runs in a process of its own, in turn; the first is ours. */
  readonly peers: Readonly<Record<string, (context: RunContext) => Promise<Figures> | Figures>>;
  /** The peer that the others are told as parts of; absent: ours is told as a multiple of each. */
  readonly baseline?: string;
  /** What no implementation could beat, where that is known. */
  readonly ceiling?: number;
}
