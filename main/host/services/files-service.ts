import path from 'node:path';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { checkDestination, type DestinationSurroundings } from '../files/destination-path.ts';
import type { FileGrants } from '../files/file-grants.ts';
import { grantPaths } from '../files/grant-paths.ts';
import type { HandlersOf } from '../handlers.ts';
import type { HostPorts } from '../host-ports.ts';
import { saveFileName } from '../save-file-name.ts';
import type { TransferRoom } from '../transfers/transfer-room.ts';

export interface FilesServiceOptions extends DestinationSurroundings {
  readonly ports: HostPorts;
  readonly grants: FileGrants;
  readonly room: TransferRoom;
}

/** Files of this machine that a person chose, by dialog, by dropping or by typing; a window knows them by tokens only. */
export function createFilesService({
  ports,
  grants,
  room,
  ...surroundings
}: FilesServiceOptions): HandlersOf<
  'files.pick' | 'files.typeDestination' | 'files.drop' | 'files.dropped' | 'files.forgetDrop'
> {
  return {
    async 'files.pick'({ what, suggestedName }) {
      if (ports.pickFiles === undefined) {
        throw new TallymanError({
          code: 'UNSUPPORTED',
          message: 'This host has no dialog to choose files.',
          hint: 'Drop files on the window, and type the path of a folder to write to.',
        });
      }
      const name = suggestedName === undefined ? undefined : saveFileName(suggestedName, 'artifact');
      const paths = await ports.pickFiles(what, name);
      if (what !== 'save-folder' && what !== 'save-archive')
        return { files: await grantPaths(grants, paths) };
      const isFolder = what === 'save-folder';
      return {
        files: paths.map((each) =>
          grants.grant(path.resolve(each), {
            kind: isFolder ? 'folder' : 'file',
            use: isFolder ? 'write-folder' : 'write-file',
          }),
        ),
      };
    },

    async 'files.typeDestination'({ path: typed, what }) {
      if (ports.pickFiles !== undefined) {
        throw new TallymanError({
          code: 'UNSUPPORTED',
          message: 'In this host places to write to are chosen in a dialog.',
          hint: 'Use the button beside the field.',
        });
      }
      const destination = await checkDestination(typed, what, surroundings);
      const isFolder = what === 'folder';
      return {
        file: grants.grant(destination, {
          kind: isFolder ? 'folder' : 'file',
          use: isFolder ? 'write-folder' : 'write-file',
        }),
      };
    },

    async 'files.drop'({ files }) {
      await room.queue();
      return await room.spool.begin(files);
    },

    'files.dropped': ({ drop }) => Promise.resolve(room.spool.state(drop)),

    async 'files.forgetDrop'({ drop }) {
      await room.spool.forget(drop);
      return {};
    },
  };
}
