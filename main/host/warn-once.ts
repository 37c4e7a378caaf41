/** Warnings that are remembered; a registry that invents new ones for ever is heard again after that many. */
const REMEMBERED_LIMIT = 1000;

/** Passes on each text of each source once (distribution-spec, Warnings: clients show them without repeating). */
export function createWarnOnce(
  tell: (source: string, text: string) => void,
): (source: string, text: string) => void {
  const told = new Set<string>();
  return (source, text) => {
    const key = `${source}\n${text}`;
    if (told.has(key)) return;
    if (told.size >= REMEMBERED_LIMIT) told.clear();
    told.add(key);
    tell(source, text);
  };
}
