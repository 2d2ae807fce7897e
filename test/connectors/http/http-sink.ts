import { httpSink } from "@org/bus-connect-http";

export const createSink = (url: unknown) => httpSink({ url: String(url), timeoutMs: 2000 });

export const makeValue = (index: number): unknown => index;

// what the server of the tests refuses
export const poison = (): unknown => "poison";
