/** `1 byte`, `2 bytes`. */
export const describeCount = (count: number, unit: string): string => `${count} ${unit}${count === 1 ? "" : "s"}`;
