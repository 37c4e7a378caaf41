import { Braces, Image as ImageIcon, Shapes } from 'lucide-react';
import { useState, type JSX, type ReactElement } from 'react';
import type { GraphSummary } from '../../../../../shared/contract/graph.ts';
import { toErrorData, type ErrorData } from '../../../../../shared/errors/tallyman-error.ts';
import { useCommands } from '../../../commands/commands.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { ErrorLine } from '../../../ui/error-state.tsx';
import { Menu } from '../../../ui/menu.tsx';
import { arrange } from '../layout/arrange.ts';
import type { GraphModel } from '../model/graph-model.ts';
import { cardIds, type PictureSource } from '../model/picture-source.ts';
import { drawPng } from './draw-png.ts';
import { drawSvg, type Drawing } from './draw-svg.ts';
import { readDrawingIcons } from './drawing-icons.tsx';
import { readDrawingTheme } from './drawing-theme.ts';
import { graphJson } from './graph-json.ts';
import { fileNameOf, saveFile } from './save-file.ts';

interface ExportMenuProps {
  readonly name: string;
  readonly source: PictureSource;
  readonly model: GraphModel;
  readonly summary: GraphSummary | undefined;
  readonly contentShown: boolean;
  /** The button that opens it. */
  readonly children: ReactElement;
}

/** Saves the graph: as data, as a drawing, as a picture. */
export function ExportMenu(props: ExportMenuProps): JSX.Element {
  const { name, source, model, summary, contentShown, children } = props;
  const [error, setError] = useState<ErrorData>();

  const draw = (): Drawing =>
    drawSvg(wholePicture(source, contentShown), source, name, readDrawingTheme(), readDrawingIcons());
  const save = (extension: string, make: () => Blob | Promise<Blob>): void => {
    void Promise.resolve()
      .then(make)
      .then((blob) => saveFile(fileNameOf(name, extension), blob))
      .catch((failure: unknown) => setError(toErrorData(failure)));
  };
  const saveJson = (): void =>
    save('json', () =>
      textFile(graphJson(source, model.edges.values(), model.lookups, summary), 'application/json'),
    );
  const saveSvg = (): void => save('svg', () => textFile(draw().svg, 'image/svg+xml'));
  const savePng = (): void => save('png', () => drawPng(draw()));
  const isEmpty = source.nodes.size === 0;
  useCommands({
    'export-graph-json': isEmpty ? undefined : saveJson,
    'export-graph-svg': isEmpty ? undefined : saveSvg,
    'export-graph-png': isEmpty ? undefined : savePng,
  });

  return (
    <>
      <Menu
        align="end"
        entries={[
          {
            label: 'JSON, as the command line prints it',
            icon: <Braces size={15} aria-hidden />,
            onSelect: saveJson,
          },
          {
            label: 'SVG drawing',
            icon: <Shapes size={15} aria-hidden />,
            onSelect: saveSvg,
          },
          {
            label: 'PNG picture',
            icon: <ImageIcon size={15} aria-hidden />,
            onSelect: savePng,
          },
        ]}
      >
        {children}
      </Menu>
      <Dialog title="The graph was not saved" open={error !== undefined} onClose={() => setError(undefined)}>
        {error !== undefined && <ErrorLine error={error} />}
      </Dialog>
    </>
  );
}

/** The picture as it is, with its clusters closed. */
function wholePicture(source: PictureSource, contentShown: boolean): ReturnType<typeof arrange> {
  return arrange({
    nodes: cardIds(source, contentShown).flatMap((id) => source.sortables.get(id) ?? []),
    links: source.links,
    roots: source.roots,
    openClusters: [],
    settled: true,
  });
}

function textFile(text: string, type: string): Blob {
  return new Blob([text], { type: `${type};charset=utf-8` });
}
