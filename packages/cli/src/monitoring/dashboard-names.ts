import { createHash } from "node:crypto";

/** Grafana takes 40 characters, of which `bus-` are four. */
const maxLength = 36;

/**
 * What the dashboards of teams are called in files and addresses: the team in lower case, with dashes for all but letters and digits. Where two teams would
 * be called the same, or nothing is left of one, a part of its hash tells them apart.
 */
export function dashboardNames(teams: readonly string[]): ReadonlyMap<string, string> {
  const slugs = new Map(teams.map((team) => [team, slug(team)]));
  const isTaken = (name: string) => teams.filter((team) => slugs.get(team) === name).length > 1;
  return new Map([...slugs].map(([team, name]) => [team, name === "" || isTaken(name) ? withHash(name, team) : name]));
}

function slug(team: string): string {
  const words = team.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return words.join("-").slice(0, maxLength);
}

function withHash(name: string, team: string): string {
  const hash = createHash("sha256").update(team).digest("hex").slice(0, 8);
  return `${name === "" ? "team" : name.slice(0, maxLength - hash.length - 1)}-${hash}`;
}
