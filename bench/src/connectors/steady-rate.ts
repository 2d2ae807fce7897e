import type { Figures } from "../benchmark.js";

/** Until so many are done, everything connects and is compiled. */
const warmUpShare = 0.2;

/** The rate of work from its first fifth on. */
export class SteadyRate {
  readonly #total: number;
  readonly #end = Promise.withResolvers<Figures>();
  #from: { readonly done: number; readonly at: number; readonly cpu: NodeJS.CpuUsage } | undefined;

  constructor(total: number) {
    this.#total = total;
  }

  /** @param done so many in all */
  reached(done: number): void {
    if (this.#from === undefined && done >= this.#total * warmUpShare) this.#from = { done, at: performance.now(), cpu: process.cpuUsage() };
    if (done < this.#total || this.#from === undefined) return;
    const { done: before, at, cpu: cpuBefore } = this.#from;
    const cpu = process.cpuUsage(cpuBefore);
    this.#end.resolve({ "rows/s": ((done - before) / (performance.now() - at)) * 1000, "CPU µs a row": (cpu.user + cpu.system) / (done - before) });
  }

  get figures(): Promise<Figures> {
    return this.#end.promise;
  }
}
