// Words for what went wrong: by the problem's code, never the server's own prose.
import type { FailureCode, Problem } from "../api/problem.ts";
import { t } from "./index.ts";

export function wordCode(code: FailureCode): string {
  return t(`problem.${code}`);
}

export function word(problem: Problem): string {
  return wordCode(problem.code);
}
