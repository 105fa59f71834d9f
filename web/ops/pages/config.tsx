import { useState } from 'preact/hooks';
import { Act, Dialog } from '../act.tsx';
import { ask, type Fault, may } from '../ask.ts';
import { Faulty, grouped, Page, Panel, Reading, Table, Time } from '../parts.tsx';
import { useRead } from '../reading.ts';
import { faultOf } from '../words.ts';

interface Setting {
  key: string;
  what: string;
  kind: 'whole' | 'words';
  value: string | string[];
  default: string | string[];
  unit: string | null;
  min: string | null;
  max: string | null;
  wordsMax: number | null;
  changed: { at: string; by: { displayName: string } | null } | null;
}

export function ConfigPage() {
  const read = useRead<{ items: Setting[] }>('/api/admin/config');
  return (
    <Page title="Live config">
      <Panel title="What can be tuned while the house runs">
        <p class="soft">A change counts at once here, within 5 s on other processes, and is in the audit log.</p>
        <Reading read={read}>
          {({ items }) => (
            <Table
              caption="Settings"
              rows={items}
              keyOf={({ key }) => key}
              empty="Nothing can be tuned."
              columns={[
                {
                  head: 'Setting',
                  cell: ({ key, what }) => (
                    <>
                      <code>{key}</code>
                      <br />
                      <span class="soft">{what}</span>
                    </>
                  ),
                },
                { head: 'Now', figure: true, cell: ({ value }) => <strong>{told(value)}</strong> },
                { head: 'Unit', cell: ({ unit }) => unit ?? 'words' },
                { head: 'Bounds', cell: (setting) => <span class="money">{bounds(setting)}</span> },
                { head: 'Default', figure: true, cell: (setting) => told(setting.default) },
                {
                  head: 'Changed',
                  cell: ({ changed }) =>
                    changed === null ? (
                      '–'
                    ) : (
                      <>
                        {changed.by?.displayName ?? 'the terminal'}, <Time at={changed.at} />
                      </>
                    ),
                },
                { head: 'Change', cell: (setting) => may('config.write') && <Acts setting={setting} onDone={read.reload} /> },
              ]}
            />
          )}
        </Reading>
      </Panel>
    </Page>
  );
}

const told = (value: string | string[]): string => (typeof value === 'string' ? grouped(value) : `${value.length} words`);

const bounds = ({ min, max, wordsMax }: Setting): string =>
  min === null || max === null ? `up to ${wordsMax} words` : `${grouped(min)} – ${grouped(max)}`;

function Acts({ setting, onDone }: { setting: Setting; onDone: () => void }) {
  const [open, setOpen] = useState(false);
  const { key } = setting;
  return (
    <span class="acts">
      <button type="button" onClick={() => setOpen(true)}>
        Set
      </button>
      {open && <Change setting={setting} onDone={onDone} onClose={() => setOpen(false)} />}
      {setting.changed !== null && (
        <Act
          label="Default"
          title={`Set ${key} back to its default?`}
          run={() => ask(`/api/admin/config/${key}`, { method: 'DELETE' })}
          onDone={onDone}
        >
          <p>
            From {told(setting.value)} to {told(setting.default)}, for everybody.
          </p>
        </Act>
      )}
    </span>
  );
}

function Change({ setting, onDone, onClose }: { setting: Setting; onDone: () => void; onClose: () => void }) {
  const { key, what, kind, unit, value: now } = setting;
  const [value, setValue] = useState(typeof now === 'string' ? now : now.join('\n'));
  const [fault, setFault] = useState<Fault | null>(null);
  const send = (event: SubmitEvent) => {
    event.preventDefault();
    const next =
      kind === 'whole'
        ? value.trim()
        : value
            .split('\n')
            .map((word) => word.trim())
            .filter((word) => word !== '');
    ask(`/api/admin/config/${key}`, { method: 'PUT', body: { value: next } }).then(
      () => {
        onClose();
        onDone();
      },
      (error: unknown) => setFault(faultOf(error)),
    );
  };
  return (
    <Dialog title={`Set ${key}`} onClose={onClose}>
      <form class="stack" onSubmit={send}>
        <p>
          {what}. It changes for everybody, from {told(now)}; allowed: {bounds(setting)}.
        </p>
        <label class="field">
          {kind === 'whole' ? `New value, ${unit}` : 'The words, one a line'}
          {kind === 'whole' ? (
            <input
              required
              autofocus
              inputMode="numeric"
              pattern="-?[0-9]{1,19}"
              value={value}
              onInput={({ currentTarget }) => setValue(currentTarget.value)}
            />
          ) : (
            <textarea autofocus rows={10} value={value} onInput={({ currentTarget }) => setValue(currentTarget.value)} />
          )}
        </label>
        <Faulty fault={fault} />
        <div class="answers">
          <button type="button" onClick={onClose}>
            Leave it
          </button>
          <button type="submit" class="first">
            Set it
          </button>
        </div>
      </form>
    </Dialog>
  );
}
