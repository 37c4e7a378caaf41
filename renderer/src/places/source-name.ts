/** What a source is called where only its id is at hand: the host, the last part of the path, "Local store". */
export function sourceName(id: string): string {
  if (id === 'local') return 'Local store';
  const colon = id.indexOf(':');
  const location = id.slice(colon + 1);
  if (id.slice(0, colon) !== 'layout') return location;
  return location.split(/[\\/]/).findLast((part) => part !== '') ?? location;
}

/** True for what lists repositories: registries. A layout and the local store are one graph each. */
export function isRegistry(id: string): boolean {
  return id.startsWith('registry:');
}
