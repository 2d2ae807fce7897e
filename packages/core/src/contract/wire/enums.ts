declare const unrecognized: unique symbol;

/**
 * A value of an enum that a newer version of the contract declares. It arrives, and may be published again in the same message; nobody can
 * make one.
 */
export type UnrecognizedEnumValue = number & { readonly [unrecognized]: true };
