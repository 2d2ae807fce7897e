import { describe, expect, it } from "vitest";
import { certificateFault } from "./certificate-fault.js";

const failure = (code: string, message: string): Error => Object.assign(new Error(message), { code });

describe("certificateFault", () => {
  it("says what to do about an authority that is not known", () => {
    expect(certificateFault(failure("DEPTH_ZERO_SELF_SIGNED_CERT", "Connection error: self-signed certificate"))).toBe(
      "the certificate of the broker is not trusted: self-signed certificate; give the certificate of its authority as ssl.ca or KAFKA_SSL_CA",
    );
  });

  it("says what to do about another name", () => {
    expect(certificateFault(failure("ERR_TLS_CERT_ALTNAME_INVALID", "Host: a. is not in the cert's altnames: DNS:b"))).toBe(
      "the certificate of the broker is for another name: Host: a. is not in the cert's altnames: DNS:b; connect by a name that is in it, or give that name as ssl.servername",
    );
  });

  it("says what to do when the broker refuses the client's certificate", () => {
    const alert =
      "Connection error: C0CC:error:0A000412:SSL routines:ssl3_read_bytes:ssl/tls alert bad certificate:../rec_layer_s3.c:916:SSL alert number 42\n";
    expect(certificateFault(new Error(alert))).toBe(
      "the broker does not take the certificate of this client (alert: bad certificate); give one that it trusts as ssl.cert and ssl.key, or KAFKA_SSL_CERT and KAFKA_SSL_KEY",
    );
  });

  it("finds it among the causes", () => {
    const cause = new AggregateError([failure("CERT_HAS_EXPIRED", "certificate has expired")]);
    expect(certificateFault(new Error("no broker", { cause }))).toMatch(/^the certificate of the broker is not trusted: certificate has expired; /);
  });

  it("leaves other failures alone", () => {
    for (const other of [failure("ECONNREFUSED", "refused"), new Error("no code"), "text", undefined])
      expect(certificateFault(other)).toBeUndefined();
  });
});
