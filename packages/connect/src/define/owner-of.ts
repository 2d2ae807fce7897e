import { contractsOf } from "./contracts-of.js";
import type { ResolvedConnector } from "./options.js";

/** Who answers for a connector, and where to find them. */
export interface ConnectorOwner {
  readonly team: string;
  readonly channel: string;
}

/** As it was declared; else the owner of the first topic that it writes to, or reads from. Undefined for one that knows no topic and names nobody. */
export function ownerOf(connector: ResolvedConnector): ConnectorOwner | undefined {
  return connector.owner ?? contractsOf(connector)[0]?.topic?.owner;
}
