import { fetchRecords } from "../../kafka/fetch.js";
import { codeOf } from "../../kafka/protocol-error.js";
import type { Answers, BrokerContext } from "./answers.js";
import { toBatches, toRecord } from "./records.js";
import { topicIdOf, topicOfId } from "./topics.js";

/** What brokers do with the logs that they lead. */
export const logAnswers = {
  InitProducerId({ kafka }) {
    return { throttleTimeMs: 0, errorCode: 0, producerId: BigInt(kafka.nextProducerId()), producerEpoch: 0 };
  },

  Produce({ kafka, node }, _acks, _timeoutMs, messages, options = {}) {
    const { producerId, producerEpoch = 0, sequences } = options;
    const append = (topic: string, partition: number, batch: typeof messages) => {
      const firstSequence = sequences?.get(`${topic}:${partition}`) ?? 0;
      const numbering = producerId === undefined ? undefined : { producerId: String(producerId), producerEpoch, firstSequence };
      try {
        const baseOffset = kafka.ledPartition(node, { topic, partition }).append(batch.map(toRecord), numbering);
        return { errorCode: 0, baseOffset: BigInt(baseOffset) };
      } catch (error) {
        return { errorCode: codeOf(error), baseOffset: -1n };
      }
    };
    const responses = [...Map.groupBy(messages, ({ topic }) => topic)].map(([name, ofTopic]) => ({
      name,
      partitionResponses: [...Map.groupBy(ofTopic, ({ partition = 0 }) => partition)].map(([index, batch]) => {
        return { index, ...append(name, index, batch), logAppendTimeMs: -1n, logStartOffset: 0n, recordErrors: [], errorMessage: null };
      }),
    }));
    return { throttleTimeMs: 0, responses };
  },

  async Fetch({ kafka, node, clock, mostRecords }, maxWaitMs, _minBytes, _maxBytes, _isolation, _session, _epoch, topics) {
    const wanted = topics.flatMap(({ topicId, partitions }) =>
      partitions.map(({ partition, fetchOffset }) => ({ topic: topicOfId(topicId), partition, offset: Number(fetchOffset) })),
    );
    const found = await fetchRecords(kafka, node, wanted, { mostRecords, maxWaitMs, clock });
    const responses = [...Map.groupBy(found, ({ topic }) => topic)].map(([topic, partitions]) => ({
      topicId: topicIdOf(topic),
      partitions: partitions.map((each) => {
        const always = { partitionIndex: each.partition, abortedTransactions: null, preferredReadReplica: -1 };
        if ("error" in each) {
          return { ...always, errorCode: each.error.code, highWatermark: -1n, lastStableOffset: -1n, logStartOffset: -1n, records: null };
        }
        const { log, records } = each;
        const end = BigInt(log.logEnd);
        const [first] = records;
        // a broker sends whole batches
        const batches = toBatches(first === undefined ? [] : [...log.batchBefore(first), ...records]);
        return { ...always, errorCode: 0, highWatermark: end, lastStableOffset: end, logStartOffset: BigInt(log.logStart), records: batches };
      }),
    }));
    return { throttleTimeMs: 0, errorCode: 0, sessionId: 0, responses };
  },

  ListOffsets(context, _replica, _isolation, asked) {
    const topics = asked.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex, timestamp }) => {
        return { partitionIndex, ...offsetAt(context, name, partitionIndex, timestamp), timestamp: -1n, leaderEpoch: 0 };
      }),
    }));
    return { throttleTimeMs: 0, topics };
  },
} satisfies Answers;

function offsetAt({ kafka, node }: BrokerContext, topic: string, partition: number, time: bigint) {
  try {
    return { errorCode: 0, offset: BigInt(kafka.ledPartition(node, { topic, partition }).offsetAt(Number(time))) };
  } catch (error) {
    return { errorCode: codeOf(error), offset: -1n };
  }
}
