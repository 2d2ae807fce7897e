/** How old the oldest record of a partition is that was received and is not committed. */
export class Uncommitted {
  /** When it was published, in ms since the epoch; undefined when all that was received is committed. */
  oldest: number | undefined;
  private isCommitting = false;
  /** Of what the commit that is out does not cover. */
  private next: number | undefined;

  /** A record has been received; of those that come together, the first. */
  received(timestamp: number): void {
    this.oldest ??= timestamp;
    if (this.isCommitting) this.next ??= timestamp;
  }

  /** What is settled is about to be committed. @param next when the first record was published that is not a part of it, if there is one by now */
  committing(next: number | undefined): void {
    this.isCommitting = true;
    this.next = next;
  }

  committed(): void {
    this.isCommitting = false;
    this.oldest = this.next;
  }
}
