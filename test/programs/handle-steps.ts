/**
 * Handles the steps as a member of a group and prints a line of JSON for each start and end of a handler. Closes when its stdin ends, so that it never
 * outlives the test that started it.
 *
 *     node handle-steps.js BROKERS GROUP FROM
 */
import { once } from "node:events";
import { writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { createBus } from "@org/bus-core";
import { kafka } from "@org/bus-kafka";
import { mapKeyed, stream } from "@org/bus-streams";
import { Step } from "../contracts/gen/streams/v1/step.js";

const [brokers = "", group = "", from = ""] = process.argv.slice(2);
const bus = createBus({ service: "handle-steps", transport: kafka({ brokers: brokers.split(","), consumer: { sessionTimeoutMs: 6_000 } }) });

function print(phase: "start" | "end", step: Step): void {
  // synchronous: what a killed process has printed is what it has done
  writeSync(1, `${JSON.stringify({ phase, track: step.track, position: step.position })}\n`);
}

const consumption = stream(bus, Step, { group, from: new Date(from) })
  .pipe(
    mapKeyed(
      async (step) => {
        print("start", step);
        await sleep(1);
        print("end", step);
      },
      { concurrency: 100 },
    ),
  )
  .run();

await Promise.race([once(process.stdin.resume(), "end"), consumption.closed]);
await consumption.close();
await bus.close();
