const special = /["\\]/;

/**
 * An array as PostgreSQL reads it from text: `{"a","say \"b\"",NULL}`. pg would make the same of a JavaScript array, at three times the cost: all values of
 * all rows go through here.
 */
export function arrayLiteral<Item>(items: readonly Item[], textOf: (item: Item) => string | null | undefined): string {
  let literal = "{";
  for (let index = 0; index < items.length; index++) {
    const text = textOf(items[index] as Item);
    if (index > 0) literal += ",";
    if (text === null || text === undefined) literal += "NULL";
    else literal += special.test(text) ? `"${text.replace(/["\\]/g, "\\$&")}"` : `"${text}"`;
  }
  return `${literal}}`;
}
