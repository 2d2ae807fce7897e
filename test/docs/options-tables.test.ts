import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { connectorSettings, fromTopicOptions, topicPositionsOptions, toTopicOptions } from "@org/bus-connect";
import { fileSinkOptions, fileSourceOptions } from "@org/bus-connect-file";
import { feedSourceOptions, httpSinkOptions, webhookSourceOptions } from "@org/bus-connect-http";
import { postgresChangesOptions, postgresOutboxOptions, postgresOutboxPollingOptions, postgresSinkOptions } from "@org/bus-connect-postgres";
import { rabbitmqSinkOptions, rabbitmqSourceOptions } from "@org/bus-connect-rabbitmq";
import { redisHashSinkOptions, redisKeySinkOptions, redisStreamSinkOptions, redisStreamSourceOptions } from "@org/bus-connect-redis";
import { s3SinkOptions, s3SourceOptions } from "@org/bus-connect-s3";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { optionsTable, withTables } from "./options-table.js";
import { root } from "./root.js";

const pages = {
  "docs/connectors.md": {
    defineConnector: connectorSettings,
    fromTopic: fromTopicOptions,
    toTopic: toTopicOptions,
    topicPositions: topicPositionsOptions,
  },
  "packages/connect-file/README.md": { fileSource: fileSourceOptions, fileSink: fileSinkOptions },
  "packages/connect-http/README.md": { webhookSource: webhookSourceOptions, feedSource: feedSourceOptions, httpSink: httpSinkOptions },
  "packages/connect-s3/README.md": { s3Source: s3SourceOptions, s3Sink: s3SinkOptions },
  "packages/connect-postgres/README.md": {
    postgresOutbox: postgresOutboxOptions,
    postgresOutboxPolling: postgresOutboxPollingOptions,
    postgresChanges: postgresChangesOptions,
    postgresSink: postgresSinkOptions,
  },
  "packages/connect-rabbitmq/README.md": { rabbitmqSource: rabbitmqSourceOptions, rabbitmqSink: rabbitmqSinkOptions },
  "packages/connect-redis/README.md": {
    redisStreamSource: redisStreamSourceOptions,
    redisHashSink: redisHashSinkOptions,
    redisKeySink: redisKeySinkOptions,
    redisStreamSink: redisStreamSinkOptions,
  },
};

describe("tables of options", () => {
  it.each(Object.entries(pages))("of %s are those of the code: vitest run test/docs/options-tables -u makes them anew", async (page, schemas) => {
    const path = join(root, page);
    await expect(withTables(await readFile(path, "utf8"), schemas)).toMatchFileSnapshot(path);
  });

  it("tell of each option, also in objects, what it is and what it is where it is left out", () => {
    const schema = z.strictObject({
      a: z.string().describe("one | two"),
      b: z.int().default(3).describe("number"),
      c: z
        .strictObject({ d: z.boolean().optional().describe("inner") })
        .prefault({})
        .describe("object"),
    });
    expect(optionsTable(schema).split("\n").slice(2)).toEqual([
      "| `a` | **required** | one \\| two |",
      "| `b` | `3` | number |",
      "| `c` |  | object |",
      "| `c.d` |  | inner |",
    ]);
    expect(() => withTables("<!-- options of x -->\n<!-- end -->", {})).toThrow("there is no schema of x");
    expect(() => withTables("", { y: schema })).toThrow("the page has no place for the options of y");
  });
});
