/** Where a connector under test reads or writes. */
export interface Place {
  readonly url: string;
  /** Of its table, and of its slot. */
  readonly name: string;
}
