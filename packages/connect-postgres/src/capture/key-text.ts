/** The primary key of a row as one text: its value, or of several a JSON array of them. The values are texts as PostgreSQL writes them. */
export function keyText(values: readonly string[]): string {
  return values.length === 1 ? (values[0] ?? "") : JSON.stringify(values);
}
