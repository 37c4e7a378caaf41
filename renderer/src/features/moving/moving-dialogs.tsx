import type { JSX } from 'react';
import type { MovingDialog } from '../../dialogs/dialogs.tsx';
import { CopyDialog } from './copy-dialog.tsx';
import { DeleteDialog } from './delete-dialog.tsx';
import { ExportDialog } from './export-dialog.tsx';
import { ImportDialog } from './import-dialog.tsx';
import { PullDialog } from './pull-dialog.tsx';
import { SendDialog } from './send-dialog.tsx';
import { TagDialog } from './tag-dialog.tsx';

/** The dialogs that move content or change its names. */
export function MovingDialogs({ dialog }: { readonly dialog: MovingDialog }): JSX.Element {
  switch (dialog.kind) {
    case 'push':
      return <SendDialog target={dialog.target} take={dialog.take} />;
    case 'attach':
      return <SendDialog target={dialog.subject.target} subject={dialog.subject} take={dialog.take} />;
    case 'copy':
      return <CopyDialog thing={dialog.thing} to={dialog.to} />;
    case 'pull':
      return <PullDialog thing={dialog.thing} />;
    case 'import':
      return <ImportDialog target={dialog.target} take={dialog.take} />;
    case 'export':
      return <ExportDialog thing={dialog.thing} />;
    case 'tag':
      return <TagDialog thing={dialog.thing} />;
    case 'delete':
      return <DeleteDialog thing={dialog.thing} />;
  }
}
