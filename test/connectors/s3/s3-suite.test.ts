import { randomBytes } from "node:crypto";
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { connectorSuite } from "@org/bus-testkit/connectors";
import { afterAll, describe } from "vitest";
import { s3ForTests, s3Keys } from "../../support/servers/s3.js";

const s3 = await s3ForTests();
const client = new S3Client({ region: "us-east-1", endpoint: s3.endpoint || "http://127.0.0.1:1", forcePathStyle: true, credentials: s3Keys });
afterAll(() => client.destroy());

async function emptyBucket() {
  const bucket = `suite-${randomBytes(6).toString("hex")}`;
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  return {
    bucket,
    harness: {
      settings: { bucket, endpoint: s3.endpoint, ...s3Keys },
      stopSystem: async () => s3.pause(),
      startSystem: async () => s3.resume(),
      // they end with the store
      close: async () => {},
    },
  };
}

describe.skipIf(!s3.available)("S3", () => {
  connectorSuite("objects in a bucket", {
    module: new URL("./objects-source.ts", import.meta.url),
    // moto is slow, and asked for every object at each look
    timeoutMs: 120_000,
    async source() {
      const { bucket, harness } = await emptyBucket();
      let objects = 0;
      const put = async (text: string) => {
        objects += 1;
        await client.send(new PutObjectCommand({ Bucket: bucket, Key: `${String(objects).padStart(4, "0")}.ndjson`, Body: text }));
      };
      return {
        ...harness,
        put: (records) => put(records.map((record) => `${JSON.stringify(record)}\n`).join("")),
        putPoison: () => put("{ no JSON\n"),
      };
    },
  });

  connectorSuite("objects in a bucket", {
    module: new URL("./objects-sink.ts", import.meta.url),
    timeoutMs: 120_000,
    idempotent: true,
    async sink() {
      const { bucket, harness } = await emptyBucket();
      return {
        ...harness,
        async read() {
          const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
          const texts = Contents.filter(({ Key }) => Key?.endsWith(".ndjson")).map(async ({ Key }) => {
            const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key }));
            return (await Body?.transformToString()) ?? "";
          });
          return (await Promise.all(texts)).flatMap((text) => text.trimEnd().split("\n").map(Number));
        },
      };
    },
  });
});
