/** Larger letters on this device; `data-type` on the document scales every size, which are all in rem. */
const PLACE = "quanbao.type";
const LARGE = "large";

export function isLargeType(): boolean {
  return document.documentElement.dataset.type === LARGE;
}

export function setLargeType(large: boolean): void {
  if (large) localStorage.setItem(PLACE, LARGE);
  else localStorage.removeItem(PLACE);
  showStoredType();
}

/** Called before the page is first drawn. */
export function showStoredType(): void {
  const { dataset } = document.documentElement;
  if (localStorage.getItem(PLACE) === LARGE) dataset.type = LARGE;
  else delete dataset.type;
}
