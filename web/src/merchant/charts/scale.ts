/** Round numbers for an axis, from 0 to at least `most`: four steps or so, and whole ones. */
export function ticks(most: number): readonly number[] {
  if (most <= 0) return [0, 1];
  const raw = most / 4;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((of) => of * power).find((of) => of >= raw && Number.isInteger(of)) ?? Math.max(1, 10 * power);
  const count = Math.ceil(most / step);
  return Array.from({ length: count + 1 }, (_, place) => place * step);
}

/** At most `most` of the places, evenly, the last one among them: labels that do not touch. */
export function labelled(count: number, most: number): ReadonlySet<number> {
  const step = Math.max(1, Math.ceil(count / Math.max(1, most)));
  return new Set(Array.from({ length: count }, (_, place) => place).filter((place) => (count - 1 - place) % step === 0));
}
