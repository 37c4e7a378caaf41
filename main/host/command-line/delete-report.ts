import { displayText } from '../../../shared/display/display-text.ts';
import { kindName } from '../../../shared/display/kind-name.ts';
import type { ErrorData } from '../../../shared/errors/tallyman-error.ts';
import { recognise } from '../../artifacts/recognise.ts';
import type { DeletePlan, PlannedManifest } from '../../content/delete-plan.ts';
import type { DeleteResult } from '../../content/execute-delete.ts';
import { contentTable, countOf, type ContentRow } from './content-table.ts';

/** What a deletion would take with it, as text for a person. */
export function deletePlanText(plan: DeletePlan, referrers: boolean): string {
  const { label, root, indexes, unseen } = plan;
  const dying = referrers ? [root, ...plan.referrers] : [root];
  const bytes = dying.reduce((sum, manifest) => sum + manifest.bytes, 0);
  const orphaned = referrers ? [] : plan.referrers;
  return [
    `${displayText(label)}: ${countOf(dying.length, 'manifest', bytes)} would be deleted. Bytes go when the place cleans up, and stay where others need them.\n`,
    contentTable(dying.map(rowOf)),
    orphaned.length === 0
      ? ''
      : `Stays, and refers to nothing then (--referrers takes it along): ${countOf(orphaned.length, 'manifest')}.\n${contentTable(orphaned.map(rowOf))}`,
    indexes.length === 0
      ? ''
      : `Stays, and lacks something then: ${indexes.length === 1 ? '1 index' : `${indexes.length} indexes`}.\n${contentTable(indexes.map(rowOf))}`,
    unseenText(unseen),
  ].join('');
}

/** What a deletion did. */
export function deletedText(plan: DeletePlan, { removed, notes }: DeleteResult): string {
  const tags =
    plan.root.tags.length === 0 ? '' : ` with the tags ${plan.root.tags.map(displayText).join(', ')}`;
  return [
    `${displayText(plan.label)}: ${plan.root.descriptor.digest} is deleted${tags}`,
    removed.length > 1 ? `, and ${countOf(removed.length - 1, 'referrer')}.\n` : '.\n',
    ...notes.map(noteText),
  ].join('');
}

/** The same for programs; nothing in it is left out. */
export function deletePlanJson(plan: DeletePlan): object {
  const { label, tag, root, referrers, indexes, unseen } = plan;
  return {
    place: label,
    ...(tag === undefined ? {} : { tag }),
    root: manifestJson(root),
    referrers: referrers.map((referrer) => ({ ...manifestJson(referrer), subject: referrer.subject })),
    indexes: indexes.map((index) => ({ ...manifestJson(index), contains: index.contains })),
    unseen,
  };
}

/** Says what could not be looked at; nothing when everything was. */
export function unseenText(unseen: readonly ErrorData[]): string {
  return unseen.length === 0
    ? ''
    : `Could not be looked at, so that there may be more:\n${unseen.map(noteText).join('')}`;
}

function noteText({ message, hint }: ErrorData): string {
  return `  ${displayText(message)}\n${hint === undefined ? '' : `    ${displayText(hint)}\n`}`;
}

function rowOf(manifest: PlannedManifest): ContentRow {
  const { descriptor, tags, bytes, parsed } = manifest;
  const kind = parsed === undefined ? 'unread' : kindName(recognise(parsed).kind);
  return {
    word: kind,
    size: bytes,
    name: descriptor.digest,
    notes: tags.length === 0 ? [] : [tags.join(', ')],
  };
}

function manifestJson({ descriptor, parsed, bytes, tags }: PlannedManifest): object {
  const { digest, mediaType, size } = descriptor;
  return {
    digest,
    mediaType,
    size,
    bytes,
    ...(parsed === undefined ? {} : { kind: recognise(parsed).kind }),
    tags,
  };
}
