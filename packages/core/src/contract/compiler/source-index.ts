import type { FileDescriptorProto, SourceCodeInfo_Location } from "@bufbuild/protobuf/wkt";

/** Where things stand in a file, by their paths: the numbers and indexes that lead to them from a FileDescriptorProto. */
export interface SourceIndex {
  /** Undefined where the file says nothing of exactly that path. */
  locationAt(path: readonly number[]): SourceCodeInfo_Location | undefined;
  /** The 0-based line of the first location at `path` or within what is there. */
  lineWithin(path: readonly number[]): number | undefined;
}

/** Declarations nest a hundred deep at most. Locations of longer paths are of no use. */
const maxPathLength = 250;

const indexes = new WeakMap<FileDescriptorProto, SourceIndex>();

/** The index of a file, made once. A search for each declaration would take time by the square of their number. */
export function sourceIndex(file: FileDescriptorProto): SourceIndex {
  const known = indexes.get(file);
  if (known !== undefined) return known;
  const made = indexLocations(file.sourceCodeInfo?.location ?? []);
  indexes.set(file, made);
  return made;
}

function indexLocations(locations: readonly SourceCodeInfo_Location[]): SourceIndex {
  const byPath = new Map<string, SourceCodeInfo_Location>();
  const lines = new Map<string, number>();
  for (const location of locations) {
    const { path, span } = location;
    const [line] = span;
    if (path.length > maxPathLength || line === undefined) continue;
    let key = "";
    for (const part of path) {
      key = `${key}.${part}`;
      if (!lines.has(key)) lines.set(key, line);
    }
    if (!byPath.has(key)) byPath.set(key, location);
  }
  return { locationAt: (path) => byPath.get(keyOf(path)), lineWithin: (path) => lines.get(keyOf(path)) };
}

const keyOf = (path: readonly number[]): string => path.map((part) => `.${part}`).join("");

const positions = new WeakMap<readonly object[], ReadonlyMap<object, number>>();

/** As `list.indexOf(item)`, with an index of the list that is made once. */
export function positionIn(list: readonly object[], item: object): number {
  let known = positions.get(list);
  if (known === undefined) {
    known = new Map(list.map((one, index) => [one, index]));
    positions.set(list, known);
  }
  return known.get(item) ?? -1;
}
