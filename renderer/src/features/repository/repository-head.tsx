import { Ellipsis, FoldVertical, RotateCw, UnfoldVertical, Waypoints } from 'lucide-react';
import type { JSX, RefObject } from 'react';
import { useDialogs } from '../../dialogs/dialogs.tsx';
import { storeMenu } from '../../dialogs/store-menu.ts';
import { useNavigation } from '../../navigation/navigation-context.ts';
import { artifactView } from '../../navigation/view.ts';
import type { RepositorySort, RepositoryView } from '../../navigation/view.ts';
import { PlaceBreadcrumb } from '../../places/place-breadcrumb.tsx';
import { isRegistry } from '../../places/source-name.ts';
import { Button } from '../../ui/button.tsx';
import { Menu } from '../../ui/menu.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { SearchField } from '../../ui/search-field.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Spinner } from '../../ui/spinner.tsx';
import { companionCount } from './model/build-rows.ts';
import { tagCount } from './model/listing.ts';
import type { RepositoryRows } from './rows/use-repository-rows.ts';
import styles from './repository-head.module.css';

const SORTS: readonly { readonly id: RepositorySort; readonly label: string; readonly title: string }[] = [
  { id: 'version', label: 'Version', title: 'The newest version first' },
  { id: 'date', label: 'Date', title: 'The youngest first' },
  { id: 'name', label: 'Name', title: 'In the order of the names' },
];

interface RepositoryHeadProps {
  readonly view: RepositoryView;
  readonly rows: RepositoryRows;
  readonly filterField: RefObject<HTMLInputElement | null>;
  readonly onChange: (next: Partial<RepositoryView>) => void;
  /** Arrow down or Enter in the filter: on to the rows. */
  readonly onLeaveFilter: () => void;
}

/** Where the view is, and what decides which rows it shows in which order. */
export function RepositoryHead({
  view,
  rows,
  filterField,
  onChange,
  onLeaveFilter,
}: RepositoryHeadProps): JSX.Element {
  const { go } = useNavigation();
  const { show } = useDialogs();
  const { listing, reading, readAgain } = rows;
  const tags = tagCount(listing);
  const folded = companionCount(listing);
  const hasRows = tags + folded + listing.untagged.length > 0;
  const isLayout = !isRegistry(view.target.source);

  return (
    <header className={styles['head']}>
      <PlaceBreadcrumb view={view} />
      <div className={styles['tools']}>
        {(hasRows || reading) && (
          <>
            <SearchField
              ref={filterField}
              className={styles['filter']}
              label={
                tags > 0
                  ? `Filter ${tags.toLocaleString('en')} ${tags === 1 ? 'tag' : 'tags'}`
                  : 'Filter tags'
              }
              value={view.filter}
              onChange={(filter) => onChange({ filter })}
              onKeyDown={(event) => {
                if (event.key !== 'ArrowDown' && event.key !== 'Enter') return;
                event.preventDefault();
                onLeaveFilter();
              }}
            />
            <Segmented
              label="Sort by"
              options={SORTS}
              value={view.sort}
              onChange={(sort) => onChange({ sort })}
            />
          </>
        )}
        {folded > 0 && (
          <Button
            className={styles['companions']}
            aria-pressed={view.companions}
            aria-label={`Show companions (${folded.toLocaleString('en')})`}
            icon={
              view.companions ? (
                <FoldVertical size={14} aria-hidden />
              ) : (
                <UnfoldVertical size={14} aria-hidden />
              )
            }
            title="Fallback tags, cosign tags and untagged attachments: they belong to other rows"
            onClick={() => onChange({ companions: !view.companions })}
          >
            <span className={styles['long']}>
              Companions: {view.companions ? 'shown' : 'folded'} ({folded.toLocaleString('en')})
            </span>
            <span className={styles['short']}>
              {folded.toLocaleString('en')} {view.companions ? 'shown' : 'folded'}
            </span>
          </Button>
        )}
        {isLayout && hasRows && (
          <Button
            icon={<Waypoints size={14} aria-hidden />}
            title="Everything in this layout in one graph"
            onClick={() => go(artifactView(view.target, {}))}
          >
            Whole graph
          </Button>
        )}
        {isLayout && (
          <Menu align="end" entries={storeMenu(view.target.source, show)}>
            <IconButton label="This layout" icon={<Ellipsis size={15} aria-hidden />} />
          </Menu>
        )}
        <IconButton
          label="Read again"
          keys="F5"
          icon={reading ? <Spinner /> : <RotateCw size={15} aria-hidden />}
          disabled={reading}
          onClick={readAgain}
        />
      </div>
    </header>
  );
}
