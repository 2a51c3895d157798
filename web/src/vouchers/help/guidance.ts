import { queryOptions } from "@tanstack/react-query";

import type { components } from "../../api/schema";
import { get } from "../../api/client";
import type { Page } from "../../api/types";
import type { Language } from "../../i18n/dictionary";

type Shapes = components["schemas"];
export type Question = Shapes["QuestionRead"];
export type Word = Shapes["WordRead"];
export type Cost = Shapes["api__schemas__guidance__CostRead"];
export type Step = Shapes["api__schemas__guidance__StepRead"];

export const ROLES = ["holder", "merchant", "cashier", "sponsor", "auditor", "operator"] as const;
export type Role = (typeof ROLES)[number];

export interface Guidance {
  questions: readonly Question[];
  words: readonly Word[];
  costs: readonly Cost[];
  checklists: Readonly<Record<Role, readonly Step[]>>;
  /** From this device, because the server does not answer. */
  kept: boolean;
}

/** It is the same for everybody, so that it may stay on the device: help is needed most when nothing answers. */
const placeOf = (language: Language) => `quanbao.help ${language}`;

export const guidanceQuery = (language: Language) =>
  queryOptions({
    queryKey: ["guidance", language],
    queryFn: () => read(language),
    staleTime: 600_000,
    networkMode: "always",
  });

async function read(language: Language): Promise<Guidance> {
  const items = <T>(path: string) => get<Page<T>>(`/guidance/${path}`).then((page) => page.items);
  try {
    const [questions, words, costs, ...lists] = await Promise.all([
      items<Question>("questions"),
      items<Word>("glossary"),
      items<Cost>("costs"),
      ...ROLES.map((role) => items<Step>(`checklists/${role}`)),
    ]);
    const checklists = Object.fromEntries(ROLES.map((role, place) => [role, lists[place] ?? []])) as unknown as Guidance["checklists"];
    const found: Guidance = { questions, words, costs, checklists, kept: false };
    keep(language, found);
    return found;
  } catch (error) {
    const known = keptGuidance(language);
    if (known === null) throw error;
    return known;
  }
}

function keep(language: Language, found: Guidance): void {
  try {
    localStorage.setItem(placeOf(language), JSON.stringify(found));
  } catch {
    // A full or closed storage: help then needs the network.
  }
}

function keptGuidance(language: Language): Guidance | null {
  try {
    const found = JSON.parse(localStorage.getItem(placeOf(language)) ?? "null") as Guidance | null;
    return Array.isArray(found?.questions) && Array.isArray(found.words) && Array.isArray(found.costs) ? { ...found, kept: true } : null;
  } catch {
    return null;
  }
}
