/** A fenced code block of a document. */
export interface CodeBlock {
  readonly language: string;
  /** What a block is, or the file it goes into: `title="src/main.ts"` after the language. */
  readonly title: string | undefined;
  readonly text: string;
}

const fence = /^```(?<language>\w+)(?: title="(?<title>[^"]*)")?\n(?<text>[\s\S]*?)^```$/gm;

/** The code blocks of a document, in order. */
export function codeBlocks(markdown: string): readonly CodeBlock[] {
  return [...markdown.matchAll(fence)].map(({ groups }) => ({
    language: groups?.language ?? "",
    title: groups?.title,
    text: groups?.text ?? "",
  }));
}

/** Link targets that are paths in the repository, without their fragments. */
export function localLinks(markdown: string): readonly string[] {
  return [...markdown.matchAll(/\]\((?!https?:)(?<path>[^)#]+)(?:#[^)]*)?\)/g)].map(({ groups }) => groups?.path ?? "");
}
