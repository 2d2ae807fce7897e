/** One event as the GeoJSON feed of the USGS holds it. Only what is used here. */
export interface Feature {
  readonly id: string;
  readonly geometry: { readonly coordinates: readonly [longitude: number, latitude: number, depthKm: number] };
  readonly properties: {
    readonly net: string;
    readonly mag: number;
    readonly magType: string;
    readonly place: string;
    /** Milliseconds since the epoch, as is `updated`. */
    readonly time: number;
    readonly updated: number;
    /** Minutes. */
    readonly tz: number;
    readonly type: string;
    readonly status: string;
    readonly alert: string | null;
    readonly tsunami: 0 | 1;
    readonly sig: number;
    readonly felt: number | null;
    readonly cdi: number | null;
    readonly mmi: number | null;
    readonly nst: number | null;
    readonly dmin: number | null;
    readonly rms: number | null;
    readonly gap: number | null;
    /** Lists with a comma before, between and after: `,ci,us,`. */
    readonly ids: string;
    readonly sources: string;
    readonly types: string;
    readonly url: string;
  };
}
