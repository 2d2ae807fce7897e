/* What an absent field stands for where rules look at it. */

export const emptyBytes: Uint8Array = new Uint8Array();
export const emptyList: readonly never[] = Object.freeze([]);
export const emptyMap: ReadonlyMap<never, never> = new Map<never, never>();
