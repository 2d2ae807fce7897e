/** What a client says where a setting is wrong, and what to do about it. */
const REMEDIES: readonly (readonly [said: RegExp, remedy: string])[] = [
  [/before secure TLS connection was established/, "the port may have no TLS: take one that has, or leave ssl (KAFKA_SSL) out"],
  [/requires TLS|closed connection|connection closed/i, "where that happens each time, the broker may want TLS or a login: see ssl and sasl"],
  [/current SASL state/, "the port takes no login: take one that does, or leave sasl (KAFKA_SASL_MECHANISM) out"],
];

/** What a client or a broker says is wrong, as a part of a message of ours: without a capital and a period, with the remedy where that is known. */
export function saidByClient(error: unknown): string {
  const text = (error instanceof Error ? error.message : String(error)).replace(/\.$/, "");
  // names in capitals stay
  const said = /^[A-Z][a-z ]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
  const remedy = REMEDIES.find(([sign]) => sign.test(text))?.[1];
  return remedy === undefined ? said : `${said}; ${remedy}`;
}
