/** English, then Chinese: side by side, so that neither is forgotten. */
export type Pairs<Name extends string> = Readonly<Record<Name, readonly [english: string, chinese: string]>>;

export function english<Name extends string>(pairs: Pairs<Name>): Readonly<Record<Name, string>> {
  return only(pairs, 0);
}

export function chinese<Name extends string>(pairs: Pairs<Name>): Readonly<Record<Name, string>> {
  return only(pairs, 1);
}

function only<Name extends string>(pairs: Pairs<Name>, place: 0 | 1): Readonly<Record<Name, string>> {
  const names = Object.keys(pairs) as Name[];
  return Object.fromEntries(names.map((name) => [name, pairs[name][place]])) as Record<Name, string>;
}
