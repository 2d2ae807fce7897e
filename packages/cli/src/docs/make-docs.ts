import { readdir, readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { loadContracts } from "../contracts/load-contracts.js";
import { CommandFailure } from "../failure.js";
import { describeOwner } from "../topics/words.js";
import { writeIfChanged } from "../write-if-changed.js";
import { cell, typesOf } from "./message-section.js";
import { code } from "./rule-words.js";
import { pageMarker, type TopicMessage, topicPage } from "./topic-page.js";

/** What to tell of, and where. Paths are relative to `cwd`. */
export interface DocsOptions {
  readonly folder: string;
  readonly out: string;
  /** Writes nothing: what would be written is stale. */
  readonly check?: boolean;
  readonly cwd: string;
}

/** Names of files in `out`. */
export interface DocsResult {
  /** Pages that were written, or would be. */
  readonly written: readonly string[];
  readonly unchanged: readonly string[];
  /** Pages of topics that are no more. */
  readonly removed: readonly string[];
}

const indexName = "README.md";

/**
 * Writes a page for each topic of the .proto files in a folder, and an index. Pages of an earlier run that have no topic any more are removed.
 *
 * @throws {CommandFailure} something does not compile, or a page would overwrite a file that is none
 */
export async function makeDocs({ folder, out, check = false, cwd }: DocsOptions): Promise<DocsResult> {
  const pages = await pagesOf(folder, cwd);
  const target = resolve(cwd, out);
  const names = await readdir(target).catch(() => []);
  const present = new Map<string, string>();
  for (const name of names.filter((file) => file.endsWith(".md"))) present.set(name, await readFile(join(target, name), "utf8"));
  const foreign = [...pages.keys()].filter((name) => present.has(name) && !present.get(name)?.startsWith(pageMarker));
  if (foreign.length > 0) {
    throw new CommandFailure(
      `${foreign.map((name) => join(out, name)).join(", ")} was not written by bus docs and would be overwritten (move it, or choose another --out)`,
    );
  }
  const written = [...pages].filter(([name, content]) => present.get(name) !== content).map(([name]) => name);
  const removed = [...present].filter(([name, content]) => content.startsWith(pageMarker) && !pages.has(name)).map(([name]) => name);
  if (!check) {
    for (const name of written) await writeIfChanged(join(target, name), pages.get(name) ?? "");
    for (const name of removed) await rm(join(target, name));
  }
  return { written, unchanged: [...pages.keys()].filter((name) => !written.includes(name)), removed: removed.sort() };
}

async function pagesOf(folder: string, cwd: string): Promise<ReadonlyMap<string, string>> {
  const { registry, plans, files } = await loadContracts(folder, cwd);
  const types = typesOf(plans);
  const messages = plans
    .filter(({ path }) => files.has(path))
    .flatMap((plan) => plan.messages)
    .filter((message): message is TopicMessage => message.topic !== undefined)
    .sort((a, b) => (a.topic.name < b.topic.name ? -1 : 1));
  if (messages.length === 0) throw new CommandFailure(`no message in ${folder} declares a topic (give one the option (org.bus.v1.topic))`);
  const pages = messages.map((message): [string, string] => [`${message.topic.name}.md`, topicPage(message, types, registry)]);
  return new Map([[indexName, indexPage(messages)], ...pages]);
}

function indexPage(messages: readonly TopicMessage[]): string {
  const rows = messages.map(
    ({ topic, typeName, comment }) =>
      `| [${topic.name}](${topic.name}.md) | ${code(typeName)} | ${cell(describeOwner(topic.owner))} | ${cell(comment.split("\n\n")[0] ?? "")} |`,
  );
  return [pageMarker, "", "# Topics", "", "| topic | message | owner | what it is for |", "|---|---|---|---|", ...rows, ""].join("\n");
}
