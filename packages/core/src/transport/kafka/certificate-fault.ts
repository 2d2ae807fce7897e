/** Why Node does not trust a certificate (`node:tls`, and the verification errors of OpenSSL). */
const UNTRUSTED = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "CERT_SIGNATURE_FAILURE",
  "CERT_UNTRUSTED",
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
]);

/** The alert by which a broker says (RFC 8446, section 6.2) that it does not take the certificate of the client, in the words of OpenSSL. */
const REFUSED = /alert (bad certificate|unsupported certificate|certificate (?:revoked|expired|unknown|required)|unknown ca|access denied)/;

/**
 * What is wrong with the certificate of a broker or of ours, and what to do, when that is why a connection failed: trying again does not help. undefined for
 * other errors.
 *
 * @param thrown the error of the TLS socket, or one that has it among its causes
 */
export function certificateFault(thrown: unknown): string | undefined {
  for (let error = thrown, depth = 0; error instanceof Error && depth < 10; error = causeOf(error), depth++) {
    const fault = faultOf(error);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

const causeOf = (error: Error): unknown => error.cause ?? ("errors" in error && Array.isArray(error.errors) ? error.errors[0] : undefined);

function faultOf(error: Error): string | undefined {
  const code = "code" in error ? error.code : undefined;
  const said = error.message.replace(/^Connection error: /i, "");
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return `the certificate of the broker is for another name: ${said}; connect by a name that is in it, or give that name as ssl.servername`;
  }
  const refused = REFUSED.exec(said)?.[1];
  if (refused !== undefined) {
    return `the broker does not take the certificate of this client (alert: ${refused}); give one that it trusts as ssl.cert and ssl.key, or KAFKA_SSL_CERT and KAFKA_SSL_KEY`;
  }
  if (!UNTRUSTED.has(String(code))) return undefined;
  return `the certificate of the broker is not trusted: ${said}; give the certificate of its authority as ssl.ca or KAFKA_SSL_CA`;
}
