import { isSameType, type Type, types } from "./type.js";

/** What type parameters were found to stand for. */
export class Bindings {
  readonly #types: Map<number, Type>;

  constructor(types: ReadonlyMap<number, Type> = new Map()) {
    this.#types = new Map(types);
  }

  copy(): Bindings {
    return new Bindings(this.#types);
  }

  /** `type` with all that is known of its parameters; what is not known stays a parameter. */
  resolve(type: Type): Type {
    switch (type.kind) {
      case "parameter": {
        const found = this.#types.get(type.id);
        return found === undefined ? type : this.resolve(found);
      }
      case "list":
        return { kind: "list", item: this.resolve(type.item) };
      case "map":
        return { kind: "map", key: this.resolve(type.key), value: this.resolve(type.value) };
      default:
        return type;
    }
  }

  /** Whether a value of type `given` may stand where `wanted` is; binds parameters of both. */
  accepts(wanted: Type, given: Type): boolean {
    const [left, right] = [this.resolve(wanted), this.resolve(given)];
    if (left.kind === "parameter") return this.#bind(left.id, right);
    if (right.kind === "parameter") return this.#bind(right.id, left);
    if (left.kind === "any" || right.kind === "any") return true;
    if (left.kind === "null" || right.kind === "null") return isNullable(left) && isNullable(right);
    if (left.kind === "wrapper") return this.accepts(left.of, right.kind === "wrapper" ? right.of : right);
    if (right.kind === "wrapper") return this.accepts(left, right.of);
    if (left.kind === "list" && right.kind === "list") return this.accepts(left.item, right.item);
    if (left.kind === "map" && right.kind === "map") return this.accepts(left.key, right.key) && this.accepts(left.value, right.value);
    return isSameType(left, right);
  }

  #bind(id: number, type: Type): boolean {
    if (type.kind === "parameter" && type.id === id) return true;
    if (this.#occursIn(id, type)) return false;
    this.#types.set(id, type);
    return true;
  }

  #occursIn(id: number, type: Type): boolean {
    switch (type.kind) {
      case "parameter":
        return type.id === id;
      case "list":
        return this.#occursIn(id, type.item);
      case "map":
        return this.#occursIn(id, type.key) || this.#occursIn(id, type.value);
      default:
        return false;
    }
  }

  /** The type of something that is of either type: the wider one, `any` where they have nothing in common. */
  join(left: Type, right: Type): Type {
    const [one, other] = [this.resolve(left), this.resolve(right)];
    if (!this.accepts(one, other)) return types.any;
    if (other.kind === "any" || one.kind === "null" || (other.kind === "wrapper" && one.kind !== "any")) return other;
    return this.resolve(one);
  }
}

const isNullable = ({ kind }: Type): boolean =>
  kind === "null" || kind === "wrapper" || kind === "message" || kind === "timestamp" || kind === "duration" || kind === "any";
