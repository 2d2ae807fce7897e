export { whyPostgresCannotStart } from "./find.js";
export { type PostgresServer, type StartPostgresOptions, startPostgres } from "./server.js";
