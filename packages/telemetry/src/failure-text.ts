/** Its code where it has no message: the error of a host with several addresses has none. Without the credentials that a URL may hold. */
export function failureText(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const text = error.message || ("code" in error ? String(error.code) : error.name);
  return text.replace(/\/\/[^/\s]*@/g, "//");
}
