import { Problem } from "../../api/problem";

/** Where the API says that a body is wrong: `effect.amount_off`, `lanes[0].cap`; null when it names no field. */
export function wrongField(error: unknown): string | null {
  if (!(error instanceof Problem) || error.status !== 422) return null;
  if (typeof error.facts.field === "string") return error.facts.field;
  const [first] = Array.isArray(error.facts.errors) ? (error.facts.errors as { loc?: unknown }[]) : [];
  if (!Array.isArray(first?.loc)) return null;
  const path = first.loc.filter((part): part is string => typeof part === "string" && part !== "body");
  return path.join(".").replace(/\.(\d+)(?=\.|$)/g, "[$1]") || null;
}

/** The words for a field when the problem is about it or about something below it. */
export function wordsAt(error: unknown, ...fields: readonly string[]): string | null {
  const at = wrongField(error);
  if (at === null || !(error instanceof Problem)) return null;
  return fields.some((field) => at === field || at.startsWith(`${field}.`) || at.startsWith(`${field}[`)) ? error.detail : null;
}
