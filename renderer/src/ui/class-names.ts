/** Joins the class names that apply. CSS modules type every class as perhaps missing, so `undefined` is fine. */
export function classNames(...names: readonly (string | false | undefined)[]): string {
  return names.filter((name) => name !== undefined && name !== false && name !== '').join(' ');
}
