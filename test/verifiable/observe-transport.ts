import type { CommitRequest, ConsumerListener, PartitionEpoch, RecordBatch, Transport, TransportConsumer } from "@org/bus-core";

/** What is told of the consumers of a transport, before the engine hears of it or after it has acted. */
export interface TransportObserver {
  assigned(partitions: readonly PartitionEpoch[]): void;
  received(batch: RecordBatch): void;
  /** The engine is done with them: revoked and drained, or lost. */
  gone(partitions: readonly PartitionEpoch[]): void;
  committing(requests: readonly CommitRequest[]): void;
  committed(requests: readonly CommitRequest[], error?: unknown): void;
}

/** A transport that does what `transport` does, and tells of it. */
export function observeTransport(transport: Transport, observer: TransportObserver): Transport {
  const { name, features, admin } = transport;
  return {
    name,
    features,
    admin,
    createProducer: () => transport.createProducer(),
    createConsumer: (options) => observeConsumer(transport.createConsumer(options), observer),
    close: () => transport.close(),
  };
}

function observeConsumer(consumer: TransportConsumer, observer: TransportObserver): TransportConsumer {
  const owned = new Map<string, PartitionEpoch>();
  const leave = (partitions: readonly PartitionEpoch[]): void => {
    const left = partitions.filter((partition) => owned.delete(nameOf(partition)));
    if (left.length > 0) observer.gone(left);
  };
  return {
    start: (listener) => consumer.start(observeListener(listener, observer, owned, leave)),
    pause: (partitions) => consumer.pause(partitions),
    resume: (partitions) => consumer.resume(partitions),
    position: (partition) => consumer.position?.(partition),
    async commit(requests) {
      observer.committing(requests);
      try {
        await consumer.commit(requests);
      } catch (error) {
        observer.committed(requests, error);
        throw error;
      }
      observer.committed(requests);
    },
    async close() {
      // the engine has drained and committed before it closes the consumer
      leave([...owned.values()]);
      await consumer.close();
    },
  };
}

function observeListener(
  listener: ConsumerListener,
  observer: TransportObserver,
  owned: Map<string, PartitionEpoch>,
  leave: (partitions: readonly PartitionEpoch[]) => void,
): ConsumerListener {
  return {
    assigned(partitions) {
      for (const partition of partitions) owned.set(nameOf(partition), partition);
      observer.assigned(partitions);
      return listener.assigned(partitions);
    },
    records(batch) {
      observer.received(batch);
      listener.records(batch);
    },
    async revoked(partitions) {
      await listener.revoked(partitions);
      leave(partitions);
    },
    lost(partitions) {
      listener.lost(partitions);
      leave(partitions);
    },
    stopped: (error) => listener.stopped(error),
  };
}

const nameOf = ({ topic, partition, epoch }: PartitionEpoch): string => `${topic}[${partition}]@${epoch}`;
