import type { Job, Stage } from "./job.js";

/** Kills the process as `kill -9` does, at the place that the job says. */
export function striker({ strike }: Pick<Job, "strike">): (stage: Stage) => void {
  let left = strike?.after ?? 0;
  return (stage) => {
    if (stage === strike?.stage && --left <= 0) process.kill(process.pid, "SIGKILL");
  };
}
