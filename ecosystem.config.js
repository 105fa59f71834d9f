// PM2: npx pm2 start ecosystem.config.js
// One process: rooms live in memory, and the embedded database has one owner. Fork mode, never cluster: a room's socket
// must reach the process that owns the room.
export const apps = [
  {
    name: 'playhouse',
    script: 'server/main.ts',
    interpreter: 'node_modules/node/bin/node',
    exec_mode: 'fork',
    instances: 1,
    wait_ready: true,
    listen_timeout: 60_000,
    // Longer than DRAIN_SECONDS: rounds end, the rest are void, the database closes.
    kill_timeout: 60_000,
    max_restarts: 10,
    exp_backoff_restart_delay: 200,
    time: false,
  },
];
