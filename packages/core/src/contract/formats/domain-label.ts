const label = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

/** Whether `text` is one label of a domain name: 1 to 63 letters, digits and inner hyphens. */
export function isDomainLabel(text: string): boolean {
  return label.test(text);
}
