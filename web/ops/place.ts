// Where the operator is: `#/players/<id>?tab=notes`. The address is all there is, so that it can be passed on.
import { signal } from '@preact/signals';

export interface Place {
  page: string;
  /** What it is about; null: the page itself. */
  id: string | null;
  search: URLSearchParams;
}

export const place = signal<Place>(read());

addEventListener('hashchange', () => (place.value = read()));

export const hrefOf = (page: string, id: string | null = null, search: Record<string, string> = {}): string => {
  const asked = new URLSearchParams(search).toString();
  return `#/${page}${id === null ? '' : `/${encodeURIComponent(id)}`}${asked === '' ? '' : `?${asked}`}`;
};

export const go = (page: string, id: string | null = null, search: Record<string, string> = {}): void => {
  location.hash = hrefOf(page, id, search);
};

function read(): Place {
  const [path = '', search = ''] = location.hash.replace(/^#\/?/, '').split('?');
  const [page = '', id = ''] = path.split('/');
  return {
    page: page === '' ? 'overview' : page,
    id: id === '' ? null : decodeURIComponent(id),
    search: new URLSearchParams(search),
  };
}
