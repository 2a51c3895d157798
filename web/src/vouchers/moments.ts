import { useMemo } from "react";

import { useWords } from "../i18n/language";

type Moment = string | number;

export interface Moments {
  /** Day and minute in a zone; without one, in the reader's. */
  full: (moment: Moment, zone?: string) => string;
  /** `2026-05-31` as people write it. */
  day: (isoDay: string) => string;
  /** The zone's name, where it is not the reader's own. */
  foreignZone: (zone: string) => string | null;
}

/** Moments of a campaign are told in the campaign's zone, which the reader may not share. */
export function useMoments(): Moments {
  const { language } = useWords();
  return useMemo(() => {
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const minute = (zone?: string) =>
      new Intl.DateTimeFormat(language, {
        year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false, timeZone: zone,
      });
    const dayOnly = new Intl.DateTimeFormat(language, { year: "numeric", month: "long", day: "numeric", timeZone: "UTC" });
    return {
      full: (moment, zone) => minute(zone).format(new Date(moment)),
      day: (isoDay) => dayOnly.format(new Date(`${isoDay}T00:00:00Z`)),
      foreignZone: (zone) => {
        if (zone === own) return null;
        const parts = new Intl.DateTimeFormat(language, { timeZone: zone, timeZoneName: "longGeneric" }).formatToParts(new Date());
        return parts.find((part) => part.type === "timeZoneName")?.value ?? zone;
      },
    };
  }, [language]);
}
