import { Secret } from "@org/bus-connect";
import { s3Source } from "@org/bus-connect-s3";

/** Where the bucket of a test is. */
interface Place {
  readonly bucket: string;
  readonly endpoint: string;
}

const anything = new Secret("the tests", () => "testing");
const credentials = { accessKeyId: anything, secretAccessKey: anything };

export const createSource = (place: unknown) =>
  s3Source<{ readonly id: string }>({ ...(place as Place), credentials, watch: true, intervalMs: 50, rowsPerBatch: 10 });

export const idOf = (value: unknown): string => (value as { readonly id: string }).id;
