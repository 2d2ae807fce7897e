const [dot, dash, at] = [0x2e, 0x2d, 0x40];
const maxLabelLength = 63;

/** Which characters may stand before the @. */
const inLocalPart = tableOf("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.!#$%&'*+/=?^_`{|}~-");
/** Which characters a label of a domain begins and ends with; between them it may have dashes. */
const atEndOfLabel = tableOf("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");

/**
 * Whether `value` is an email address such as `foo@example.com`, as the HTML standard defines it. That is narrower than RFC 5322
 * (no quotes, comments or spaces), but does not ask for a dot in the domain.
 */
export function isEmail(value: string): boolean {
  let index = 0;
  // a loop over a table takes a third of the time that the expression of the standard does
  while (index < value.length && inLocalPart[value.charCodeAt(index)] === 1) index++;
  if (index === 0 || value.charCodeAt(index) !== at) return false;
  let labelStart = index + 1;
  for (index = labelStart; index < value.length; index++) {
    const character = value.charCodeAt(index);
    if (atEndOfLabel[character] === 1) continue;
    if (character === dash) {
      if (index === labelStart) return false;
    } else if (character !== dot || !isLabel(value, labelStart, index)) return false;
    else labelStart = index + 1;
  }
  return isLabel(value, labelStart, index);
}

/** Whether what is known to begin as a label, and to hold its characters, ends as one. */
function isLabel(value: string, start: number, end: number): boolean {
  return end > start && end - start <= maxLabelLength && value.charCodeAt(end - 1) !== dash;
}

function tableOf(characters: string): Uint8Array {
  const table = new Uint8Array(128);
  for (let index = 0; index < characters.length; index++) table[characters.charCodeAt(index)] = 1;
  return table;
}
