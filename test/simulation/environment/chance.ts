import { seededRandom } from "../../support/random.js";

/** Everything that a seed decides is drawn here. A fork draws for itself, so that one more draw in one place changes nothing in another. */
export class Chance {
  readonly #name: string;
  readonly #random: () => number;

  constructor(name: string) {
    this.#name = name;
    this.#random = seededRandom(hash(name));
  }

  fork(name: string): Chance {
    return new Chance(`${this.#name}/${name}`);
  }

  /** From 0 to below 1. */
  readonly next = (): number => this.#random();

  happens(probability: number): boolean {
    return this.#random() < probability;
  }

  /** A whole number, both ends included. */
  integer(min: number, max: number): number {
    return min + Math.floor(this.#random() * (max - min + 1));
  }

  between(min: number, max: number): number {
    return min + this.#random() * (max - min);
  }

  /** Small ones often, large ones now and then: evenly over the orders of magnitude. */
  magnitude(min: number, max: number): number {
    return min * (max / min) ** this.#random();
  }

  pick<T>(items: readonly T[]): T {
    const item = items[Math.floor(this.#random() * items.length)];
    if (item === undefined) throw new Error("there is nothing to pick from");
    return item;
  }

  /** One of the names, each as likely as its weight says. */
  weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name {
    const entries = Object.entries<number>(weights);
    let rest = this.#random() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    const chosen = entries.find(([, weight]) => {
      rest -= weight;
      return rest < 0;
    });
    // the keys of `weights` are its names
    return (chosen ?? entries[0])?.[0] as Name;
  }
}

/** FNV-1a: near names give numbers that are far apart. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return value;
}
