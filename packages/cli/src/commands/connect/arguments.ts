import { InvalidArgumentError } from "commander";

/*
 * Values of options, as `bus connect` takes them.
 */

export function whole(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}

export function atLeastOne(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError("It must be a whole number >= 1.");
  return Number(text);
}

export function port(text: string): number {
  if (!/^\d+$/.test(text) || Number(text) > 65_535) throw new InvalidArgumentError("It must be a whole number from 0 to 65535.");
  return Number(text);
}

export function httpUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new InvalidArgumentError("It must be a URL such as http://127.0.0.1:8083.");
  return text;
}

/** Of an option that may be given several times: one that took several values would take the arguments behind it, too. */
export const each = (text: string, earlier: readonly string[] = []): readonly string[] => [...earlier, text];
