/** Where a command writes: results to `out`, everything else to `error`. Both get whole lines. */
export interface Terminal {
  out(line: string): void;
  error(line: string): void;
}
