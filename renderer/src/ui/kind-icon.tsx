import {
  Award,
  BadgeCheck,
  Box,
  Cpu,
  File,
  FileText,
  Layers,
  Settings2,
  ShieldCheck,
  ShipWheel,
  SquareStack,
  TriangleAlert,
} from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import type { JSX } from 'react';
import type { NodeKind } from '../../../shared/contract/graph-words.ts';
import { kindName } from '../../../shared/display/kind-name.ts';

interface KindLook {
  readonly icon: LucideIcon;
  /** A colour token. */
  readonly colour: string;
}

/** A shape for every kind, so that colour alone never tells two apart. */
const LOOKS: Readonly<Record<NodeKind, KindLook>> = {
  image: { icon: Box, colour: '--image' },
  index: { icon: Layers, colour: '--index' },
  'sbom-spdx': { icon: FileText, colour: '--sbom' },
  'sbom-cyclonedx': { icon: FileText, colour: '--sbom' },
  'signature-cosign': { icon: Award, colour: '--signature' },
  'signature-notation': { icon: Award, colour: '--signature' },
  'sigstore-bundle': { icon: BadgeCheck, colour: '--signature' },
  attestation: { icon: ShieldCheck, colour: '--attestation' },
  sarif: { icon: TriangleAlert, colour: '--report' },
  'helm-chart': { icon: ShipWheel, colour: '--chart' },
  wasm: { icon: Cpu, colour: '--wasm' },
  config: { icon: Settings2, colour: '--layer' },
  layer: { icon: SquareStack, colour: '--layer' },
  other: { icon: File, colour: '--layer' },
};

/** The colour token of a kind, for an edge beside its icon: `var(--sbom)`. */
export function kindColour(kind: NodeKind): string {
  return `var(${LOOKS[kind].colour})`;
}

interface KindIconProps {
  readonly kind: NodeKind;
  /** Pixels. */
  readonly size?: number;
  /** True where the kind is written beside it. */
  readonly decorative?: boolean;
}

/** The sign of what a node is. */
export function KindIcon({ kind, size = 16, decorative = false }: KindIconProps): JSX.Element {
  const { icon: Icon } = LOOKS[kind];
  const name = kindName(kind);
  return (
    <Icon
      size={size}
      strokeWidth={1.75}
      style={{ color: kindColour(kind) }}
      {...(decorative ? { 'aria-hidden': true } : { role: 'img', 'aria-label': name })}
    />
  );
}
