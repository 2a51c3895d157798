import { createContext, useCallback, useContext, useLayoutEffect, useMemo, useState, type ReactNode } from "react";

import { context as requests } from "../api/client";
import { dictionaries, isTextName, type Language, type TextName } from "./dictionary";

const MEMORY = "quanbao.language";

export type Facts = Readonly<Record<string, string | number>>;

export interface Words {
  language: Language;
  setLanguage: (language: Language) => void;
  t: (name: TextName, facts?: Facts) => string;
  /** The text of a name that is put together at run time, or the other one where there is none. */
  maybe: (name: string, otherwise: string, facts?: Facts) => string;
  date: (moment: string | number | Date) => string;
  time: (moment: string | number | Date) => string;
}

const Languages = createContext<Words | null>(null);

function initialLanguage(): Language {
  const known = localStorage.getItem(MEMORY);
  if (known === "en" || known === "zh-CN") return known;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh-CN" : "en";
}

/** Where a text tells one from several, `|` stands between. */
function fill(text: string, facts: Facts): string {
  const [one = "", several = one] = text.split("|");
  return (facts.count === 1 ? one : several).replace(/\{(\w+)\}/g, (place, name: string) => String(facts[name] ?? place));
}

export function LanguageProvider({ children }: { children: ReactNode }) {
  const [language, choose] = useState(initialLanguage);
  requests.language = language;

  useLayoutEffect(() => {
    document.documentElement.lang = language;
    document.title = language === "en" ? "Quanbao 券包" : "券包 Quanbao";
  }, [language]);

  const setLanguage = useCallback((wanted: Language) => {
    localStorage.setItem(MEMORY, wanted);
    choose(wanted);
  }, []);

  const words = useMemo<Words>(() => {
    const texts = dictionaries[language];
    const day = new Intl.DateTimeFormat(language, { year: "numeric", month: "short", day: "numeric" });
    const minute = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hour12: false });
    return {
      language,
      setLanguage,
      t: (name, facts = {}) => fill(texts[name], facts),
      maybe: (name, otherwise, facts = {}) => (isTextName(name) ? fill(texts[name], facts) : otherwise),
      date: (moment) => day.format(new Date(moment)),
      time: (moment) => minute.format(new Date(moment)),
    };
  }, [language, setLanguage]);

  return <Languages value={words}>{children}</Languages>;
}

export function useWords(): Words {
  const words = useContext(Languages);
  if (words === null) throw new Error("useWords outside of LanguageProvider");
  return words;
}
