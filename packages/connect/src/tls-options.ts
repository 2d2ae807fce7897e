import { z } from "zod";
import { secretOption } from "./secret.js";

/** How a connection is encrypted, where the defaults of Node do not do. The certificate of the server is always verified. */
export const tlsOptions = z.strictObject({
  ca: z.string().min(1).optional().describe("PEM of the authorities to trust; those of Node where it is left out"),
  cert: z.string().min(1).optional().describe("PEM of the client's certificate, for mutual TLS"),
  key: secretOption.optional().describe("PEM of the client's private key"),
  passphrase: secretOption.optional().describe("of the private key"),
  serverName: z.string().min(1).optional().describe("the name that the certificate of the server must have, where it is not the host"),
});

/** The same as `tls.connect` of Node takes it, without what is left out. */
export interface TlsSettings {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly passphrase?: string;
  readonly servername?: string;
}

/** @throws {BusError} `invalid_options` for a secret that is not there */
export function tlsSettings({ ca, cert, key, passphrase, serverName }: z.output<typeof tlsOptions>): TlsSettings {
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key: key.reveal() }),
    ...(passphrase !== undefined && { passphrase: passphrase.reveal() }),
    ...(serverName !== undefined && { servername: serverName }),
  };
}
