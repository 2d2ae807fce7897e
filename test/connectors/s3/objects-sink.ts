import { Secret } from "@org/bus-connect";
import { s3Sink } from "@org/bus-connect-s3";

/** Where the bucket of a test is. */
interface Place {
  readonly bucket: string;
  readonly endpoint: string;
}

const anything = new Secret("the tests", () => "testing");
const credentials = { accessKeyId: anything, secretAccessKey: anything };

// small objects, so that several are written between two flushes
export const createSink = (place: unknown) => s3Sink({ ...(place as Place), credentials, format: "ndjson", maxBytes: 400 });

export const makeValue = (index: number): unknown => index;

// JSON has no word for it
export const poison = (): unknown => undefined;
