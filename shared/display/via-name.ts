import type { EdgeVia } from '../contract/graph-words.ts';

const NAMES: Readonly<Record<EdgeVia, string>> = {
  child: 'child',
  config: 'config',
  layer: 'layer',
  'referrers-api': 'referrers API',
  'fallback-tag': 'fallback tag',
  'cosign-tag': 'cosign tag',
  'buildkit-attestation': 'BuildKit',
  'layout-link': 'layout link',
};

/** How an edge was found, in the words shown on it. */
export function viaName(via: EdgeVia): string {
  return NAMES[via];
}
