// Who you are at the desk, your second factor, and the other operators with their roles.
import { useState } from 'preact/hooks';
import { STAFF_ROLES, type StaffRole } from '../../../rules/roles.ts';
import { Act } from '../act.tsx';
import { ask, type Fault, may, sayCode, session } from '../ask.ts';
import { CodeField } from '../factor.tsx';
import { Facts, Faulty, Page, PagedTable, Panel, Reading, State, Table, Time } from '../parts.tsx';
import { hrefOf } from '../place.ts';
import { type Read, usePages, useRead } from '../reading.ts';
import { faultOf } from '../words.ts';

interface Me {
  rights: string[];
  roles: string[];
  totp: { enrolled: boolean; required: boolean; steppedUpUntil: string | null; recoveryLeft: number };
}

export function AccessPage() {
  const me = useRead<Me>('/api/admin/me');
  return (
    <Page title="Access">
      <div class="columns-2">
        <Panel title="You">
          <Reading read={me}>
            {({ roles, rights }) => (
              <Facts
                of={[
                  ['Name', session.value!.displayName],
                  ['Roles', roles.filter((role) => role !== 'player').join(', ')],
                  ['You may', rights.join(', ')],
                ]}
              />
            )}
          </Reading>
        </Panel>
        <Factor me={me} />
      </div>
      {may('roles.read') && <Staff />}
      <Roles />
    </Page>
  );
}

function Factor({ me }: { me: Read<Me> }) {
  return (
    <Panel title="Your second factor">
      <Reading read={me}>
        {({ totp }) =>
          totp.enrolled ? (
            <>
              <Facts
                of={[
                  ['State', <State tone="good">set up</State>],
                  ['This session may act until', <Time at={totp.steppedUpUntil} />],
                  ['Recovery codes left', totp.recoveryLeft],
                ]}
              />
              <span class="acts">
                <button type="button" onClick={() => void sayCode().then(me.reload)}>
                  Say a code now
                </button>
                <Act
                  label="Take it away"
                  title="Take your second factor away?"
                  danger
                  run={() => ask('/api/admin/totp', { method: 'DELETE' })}
                  onDone={me.reload}
                >
                  <p>
                    Your app’s codes and recovery codes count no more.{' '}
                    {totp.required && 'Until you set up another, you can do nothing here.'}
                  </p>
                </Act>
              </span>
              <p class="soft">The room monitor does nothing either before a code is said.</p>
            </>
          ) : (
            <Enrol required={totp.required} onDone={me.reload} />
          )
        }
      </Reading>
    </Panel>
  );
}

function Enrol({ required, onDone }: { required: boolean; onDone: () => void }) {
  const [made, setMade] = useState<{ secret: string; uri: string } | null>(null);
  const [recovery, setRecovery] = useState<string[] | null>(null);
  const [fault, setFault] = useState<Fault | null>(null);
  const send = (event: SubmitEvent, then: (given: string) => Promise<void>) => {
    event.preventDefault();
    setFault(null);
    const given = (event.currentTarget as HTMLFormElement).querySelector('input')!.value;
    then(given).catch((error: unknown) => setFault(faultOf(error)));
  };
  const enrol = async (password: string) => setMade(await ask('/api/admin/totp/enrol', { body: { password } }));
  const confirm = async (code: string) => {
    const { recoveryCodes } = await ask<{ recoveryCodes: string[] }>('/api/admin/totp/confirm', { body: { code: code.trim() } });
    setRecovery(recoveryCodes);
  };
  if (recovery !== null)
    return (
      <div class="stack">
        <p>It is set up. Keep these recovery codes: each counts once, and they are not shown again.</p>
        <pre>{recovery.join('\n')}</pre>
        <button type="button" class="first" onClick={onDone}>
          I have kept them
        </button>
      </div>
    );
  if (made !== null)
    return (
      <form class="stack" key="confirm" onSubmit={(event) => send(event, confirm)}>
        <p>Enter this secret in your authenticator app, then say its first code. It is shown this once.</p>
        <code class="long">{made.secret}</code>
        <p>
          <a href={made.uri}>Open it in an app of this machine</a>
        </p>
        <CodeField />
        <Faulty fault={fault} />
        <button type="submit" class="first">
          Confirm
        </button>
      </form>
    );
  return (
    <form class="stack" key="enrol" onSubmit={(event) => send(event, enrol)}>
      <p>{required ? 'Without one you can read here, and change nothing.' : 'Not set up; here it is not asked for.'}</p>
      <label class="field">
        Your password
        <input type="password" required autocomplete="current-password" />
      </label>
      <Faulty fault={fault} />
      <button type="submit">Set one up</button>
    </form>
  );
}

interface Operator {
  playerId: string;
  displayName: string;
  email: string | null;
  roles: string[];
  totp: boolean;
}

function Staff() {
  const pages = usePages<Operator>('/api/admin/staff');
  return (
    <Panel title="Operators">
      <PagedTable
        pages={pages}
        caption="Operators"
        keyOf={({ playerId }) => playerId}
        empty="There is nobody."
        columns={[
          { head: 'Operator', cell: ({ playerId, displayName }) => <a href={hrefOf('players', playerId)}>{displayName}</a> },
          { head: 'Email', cell: ({ email }) => email ?? '–' },
          { head: 'Roles', cell: ({ roles }) => roles.filter(isStaffWord).join(', ') },
          {
            head: 'Second factor',
            cell: ({ totp }) => (totp ? <State tone="good">set up</State> : <State tone="warn">none</State>),
          },
          { head: 'Change', cell: (operator) => <StaffActs operator={operator} onDone={pages.reload} /> },
        ]}
      />
    </Panel>
  );
}

const isStaffWord = (role: string): boolean => role !== 'player';

function StaffActs({ operator, onDone }: { operator: Operator; onDone: () => void }) {
  if (!may('roles.write')) return null;
  const { playerId, displayName, totp } = operator;
  return (
    <span class="acts">
      <RoleActs playerId={playerId} displayName={displayName} roles={operator.roles} onDone={onDone} />
      {totp && (
        <Act
          label="Reset second factor"
          title={`Take away the second factor of ${displayName}?`}
          danger
          run={() => ask(`/api/admin/players/${playerId}/totp`, { method: 'DELETE' })}
          onDone={onDone}
        >
          <p>For somebody who has lost it. Make sure that it is {displayName} who asks: whoever has their password gets in.</p>
        </Act>
      )}
    </span>
  );
}

interface RoleActsProps {
  playerId: string;
  displayName: string;
  roles: readonly string[];
  onDone: () => void;
}

/** Gives a role, and takes each that there is. */
export function RoleActs({ playerId, displayName, roles, onDone }: RoleActsProps) {
  const free = STAFF_ROLES.filter((name) => !roles.includes(name));
  const [wanted, setRole] = useState<StaffRole>('viewer');
  const role = free.includes(wanted) ? wanted : free.at(-1);
  const change = (verb: 'grant' | 'withdraw', which: string) => () =>
    ask(`/api/admin/roles/${verb}`, { body: { playerId, role: which } });
  return (
    <>
      {roles.filter(isStaffWord).map((held) => (
        <Act
          key={held}
          label={`Withdraw ${held}`}
          title={`Withdraw ${held} from ${displayName}?`}
          danger
          run={change('withdraw', held)}
          onDone={onDone}
        >
          <p>What the role allows ends here at once, on other processes within 5 s.</p>
        </Act>
      ))}
      {role !== undefined && (
        <span class="inline">
          <select
            aria-label={`Role for ${displayName}`}
            value={role}
            onChange={({ currentTarget }) => setRole(currentTarget.value as StaffRole)}
          >
            {free.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
          <Act label="Grant role" title={`Make ${displayName} ${role}?`} danger run={change('grant', role)} onDone={onDone}>
            <p>
              {displayName} can sign in here and do all that {role} may, from now on.
            </p>
          </Act>
        </span>
      )}
    </>
  );
}

function Roles() {
  const read = useRead<{ items: { role: string; rights: string[] }[] }>('/api/admin/roles');
  return (
    <Panel title="What each role may">
      <Reading read={read}>
        {({ items }) => (
          <Table
            caption="What each role may"
            rows={items}
            keyOf={({ role }) => role}
            empty=""
            columns={[
              { head: 'Role', cell: ({ role }) => role },
              { head: 'Rights', cell: ({ rights }) => <span class="soft">{rights.join(', ')}</span> },
            ]}
          />
        )}
      </Reading>
    </Panel>
  );
}
