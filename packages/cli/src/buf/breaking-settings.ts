import { isTopicRule, topicCategory } from "../breaking/topic-rules.js";
import { isIn } from "./paths.js";

/** `breaking` of a buf.yaml. Its paths are absolute. */
export interface BreakingSettings {
  readonly use?: readonly string[] | undefined;
  readonly except?: readonly string[] | undefined;
  readonly ignore?: readonly string[] | undefined;
  readonly ignore_only?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly ignore_unstable_packages?: boolean | undefined;
  readonly [setting: string]: unknown;
}

/** What of `settings` buf understands: names of rules that are ours would be an error to it. */
export function settingsForBuf(settings: BreakingSettings | undefined): BreakingSettings | undefined {
  if (settings === undefined) return undefined;
  const { use, except, ignore_only: ignoreOnly, ...others } = settings;
  const known = (rules: readonly string[] | undefined) => rules?.filter((rule) => !isTopicRule(rule));
  // what is undefined does not appear in JSON
  return {
    ...others,
    use: known(use),
    except: known(except),
    ignore_only: ignoreOnly && Object.fromEntries(Object.entries(ignoreOnly).filter(([rule]) => !isTopicRule(rule))),
  };
}

/** Whether `settings` let `rule`, one of ours, be broken in `file`, whose package is `packageName`. */
export function isAllowed(settings: BreakingSettings | undefined, rule: string, file: string, packageName: string): boolean {
  const { except = [], ignore = [], ignore_only: ignoreOnly = {}, ignore_unstable_packages: ignoreUnstable = false } = settings ?? {};
  if (except.includes(rule) || except.includes(topicCategory)) return true;
  const paths = [...ignore, ...(ignoreOnly[rule] ?? []), ...(ignoreOnly[topicCategory] ?? [])];
  return paths.some((path) => isIn(file, path)) || (ignoreUnstable && unstablePackage.test(packageName));
}

/** The last part of a package that buf calls unstable: v1alpha, v1beta2, v1p1alpha1, v1test. */
const unstablePackage = /(?:^|\.)v\d+(?:p\d+)?(?:alpha|beta)\d*$|(?:^|\.)v\d+test[^.]*$/;
