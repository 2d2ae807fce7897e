import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const PASSWORD = "changeit";

/** What brokers need for TLS, and the certificate that their clients have to trust. */
export interface BrokerCertificates {
  readonly properties: readonly [name: string, value: string][];
  /** PEM. */
  readonly certificateAuthority: string;
}

/** Makes a certificate for 127.0.0.1 that is its own authority, valid for a day, with the keytool of the JDK. */
export async function createCertificates(directory: string): Promise<BrokerCertificates> {
  const keystore = join(directory, "broker.p12");
  const keytool = (...args: string[]) =>
    promisify(execFile)("keytool", [...args, "-alias", "broker", "-keystore", keystore, "-storepass", PASSWORD, "-storetype", "PKCS12"]);
  const names = ["-dname", "CN=bus-testkit", "-ext", "san=ip:127.0.0.1,dns:localhost", "-ext", "bc=ca:true"];
  await keytool("-genkeypair", "-keyalg", "EC", "-groupname", "secp256r1", "-validity", "1", ...names);
  const { stdout: certificateAuthority } = await keytool("-exportcert", "-rfc");
  const properties: [string, string][] = [
    ["ssl.keystore.location", keystore],
    ["ssl.keystore.password", PASSWORD],
    ["ssl.keystore.type", "PKCS12"],
  ];
  return { properties, certificateAuthority };
}
