import { Secret } from "@org/bus-connect";
import { s3Source } from "@org/bus-connect-s3";

/** Where the bucket of a test is. */
interface Place {
  readonly bucket: string;
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const secretOf = (text: string): Secret => new Secret("the tests", () => text);

export const createSource = (place: unknown) => {
  const { bucket, endpoint, accessKeyId, secretAccessKey } = place as Place;
  const credentials = { accessKeyId: secretOf(accessKeyId), secretAccessKey: secretOf(secretAccessKey) };
  return s3Source<{ readonly id: string }>({ bucket, endpoint, credentials, watch: true, intervalMs: 50, rowsPerBatch: 10 });
};

export const idOf = (value: unknown): string => (value as { readonly id: string }).id;
