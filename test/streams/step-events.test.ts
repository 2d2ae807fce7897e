import { describe, expect, test } from "vitest";
import { missingSteps, reportOf, type StepEvent, trackName } from "./step-events.js";

const start = (track: number, position: number): StepEvent => ({ phase: "start", track: trackName(track), position });
const end = (track: number, position: number): StepEvent => ({ phase: "end", track: trackName(track), position });

describe("reportOf", () => {
  test("finds nothing wrong with tracks that go step by step, side by side", () => {
    const report = reportOf([start(0, 0), start(1, 7), end(1, 7), start(1, 8), end(0, 0), end(1, 8), start(0, 1), end(0, 1)]);
    expect(report).toMatchObject({ handled: 4, maxConcurrent: 2, overlaps: [], disorders: [] });
  });

  test("finds two of a track at once", () => {
    expect(reportOf([start(0, 0), start(0, 1), end(0, 0), end(0, 1)]).overlaps).toEqual([start(0, 1)]);
  });

  test.each([
    ["left out", 2],
    ["repeated", 0],
  ])("finds a step that was %s", (_, position) => {
    expect(reportOf([start(0, 0), end(0, 0), start(0, position), end(0, position)]).disorders).toEqual([start(0, position)]);
  });
});

describe("missingSteps", () => {
  test("lists what no report has seen to its end", () => {
    const reports = [reportOf([start(0, 0), end(0, 0), start(0, 1)]), reportOf([start(1, 1), end(1, 1)])];
    expect(missingSteps(reports, 2, 2)).toEqual(["track-0/1", "track-1/0"]);
  });
});
