import { Problem } from "../api/problem";

export interface OpenWarning {
  code: string;
  message: string;
}

/** What must still be read and accepted before this is signed; none for other errors. */
export function openWarnings(error: unknown): readonly OpenWarning[] {
  if (!(error instanceof Problem) || error.code !== "warning_not_accepted") return [];
  const codes = error.facts.warnings;
  if (!Array.isArray(codes)) return [];
  return codes.filter((code) => typeof code === "string").map((code) => ({ code, message: error.detail }));
}
