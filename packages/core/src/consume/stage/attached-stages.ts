import type { StageExplanation } from "../consumption.js";
import type { AttachedStage } from "../run/run-scope.js";

/** The stages of a run, as one. */
export class AttachedStages {
  private readonly stages = new Set<AttachedStage>();

  add(stage: AttachedStage): void {
    this.stages.add(stage);
  }

  get inFlight(): number {
    return this.sum((stage) => stage.inFlight);
  }
  get calls(): number {
    return this.sum((stage) => stage.calls);
  }
  get overdue(): number {
    return this.sum((stage) => stage.overdue);
  }
  get waiting(): number {
    return this.sum((stage) => stage.waiting);
  }

  purge(): void {
    for (const stage of this.stages) stage.purge();
  }

  reconsider(): void {
    for (const stage of this.stages) stage.reconsider();
  }

  explain(): readonly StageExplanation[] {
    return this.all().map(({ name, inFlight, waiting, keys }) => ({ name, inFlight, waiting, keys }));
  }

  all(): readonly AttachedStage[] {
    return [...this.stages];
  }

  private sum(count: (stage: AttachedStage) => number): number {
    let total = 0;
    for (const stage of this.stages) total += count(stage);
    return total;
  }
}
