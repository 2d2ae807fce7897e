import { AlertLevel, EventType, type QuakeReportedInit, ReviewStatus } from "../gen/quakes/v1/quakes.js";
import type { Feature } from "./feature.js";

const types: Readonly<Record<string, EventType>> = {
  earthquake: EventType.EARTHQUAKE,
  explosion: EventType.EXPLOSION,
  "quarry blast": EventType.QUARRY_BLAST,
};

const statuses: Readonly<Record<string, ReviewStatus>> = { automatic: ReviewStatus.AUTOMATIC, reviewed: ReviewStatus.REVIEWED };

const alertLevels: Readonly<Record<string, AlertLevel>> = {
  green: AlertLevel.GREEN,
  yellow: AlertLevel.YELLOW,
  orange: AlertLevel.ORANGE,
  red: AlertLevel.RED,
};

/** A report as the contract wants it: what the feed has as null is left out. */
export function toReport({ id, properties, geometry }: Feature): QuakeReportedInit {
  const [longitude, latitude, depthKm] = geometry.coordinates;
  return {
    id,
    network: properties.net,
    magnitude: properties.mag,
    magnitudeType: properties.magType,
    time: new Date(properties.time),
    updated: new Date(properties.updated),
    location: { latitude, longitude, depthKm },
    place: properties.place,
    utcOffsetMinutes: properties.tz,
    tsunami: properties.tsunami === 1,
    significance: properties.sig,
    ids: list(properties.ids),
    sources: list(properties.sources),
    products: list(properties.types),
    url: properties.url,
    // the contract refuses UNSPECIFIED, so a word that it has no value for does not go unnoticed
    type: types[properties.type] ?? EventType.UNSPECIFIED,
    status: statuses[properties.status] ?? ReviewStatus.UNSPECIFIED,
    ...known({
      alertLevel: properties.alert === null ? null : (alertLevels[properties.alert] ?? AlertLevel.UNSPECIFIED),
      feltReports: properties.felt,
      reportedIntensity: properties.cdi,
      instrumentalIntensity: properties.mmi,
    }),
    measurement: known({
      stations: properties.nst,
      nearestStationDegrees: properties.dmin,
      residualSeconds: properties.rms,
      azimuthalGapDegrees: properties.gap,
    }),
  };
}

/** `,ci,us,` as the feed writes it. */
function list(text: string): string[] {
  return text.split(",").filter((item) => item !== "");
}

type Known<T> = { [K in keyof T]?: NonNullable<T[K]> };

/** Without what is null or undefined. */
function known<T extends object>(fields: T): Known<T> {
  const result: Known<T> = {};
  for (const name in fields) {
    const value = fields[name];
    if (value !== null && value !== undefined) result[name] = value;
  }
  return result;
}
