import { Secret } from "@org/bus-connect";
import { s3Sink } from "@org/bus-connect-s3";

/** Where the bucket of a test is. */
interface Place {
  readonly bucket: string;
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const secretOf = (text: string): Secret => new Secret("the tests", () => text);

// small objects, so that several are written between two flushes
export const createSink = (place: unknown) => {
  const { bucket, endpoint, accessKeyId, secretAccessKey } = place as Place;
  const credentials = { accessKeyId: secretOf(accessKeyId), secretAccessKey: secretOf(secretAccessKey) };
  return s3Sink({ bucket, endpoint, credentials, format: "ndjson", maxBytes: 400 });
};

export const makeValue = (index: number): unknown => index;

// JSON has no word for it
export const poison = (): unknown => undefined;
