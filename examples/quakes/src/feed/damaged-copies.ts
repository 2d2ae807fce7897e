import type { QuakeReportedInit } from "../gen/quakes/v1/quakes.js";

export const damagedCount = 3;

/** Three copies of real reports, each with a fault as it happens: none of them may leave the process. */
export function damagedCopies(reports: readonly QuakeReportedInit[]): readonly QuakeReportedInit[] {
  const [first, second, third] = reports;
  if (first === undefined || second === undefined || third === undefined) return [];
  const { place, ...withoutPlace } = first;
  return [
    damaged(withoutPlace, { palce: place }), // a misspelt field
    damaged(second, { magnitude: String(second.magnitude) }), // a number as text
    damaged(third, { location: { ...third.location, latitude: 123 } }), // no such place on Earth
  ];
}

/** What the compiler cannot see, as where messages are made from JSON: `change` may be anything. */
function damaged(report: QuakeReportedInit, change: object): QuakeReportedInit {
  return { ...report, ...change };
}
