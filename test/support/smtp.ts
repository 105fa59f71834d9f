// A mail server on loopback that speaks as much SMTP as a sender needs, without TLS, and keeps what it takes.
import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

export interface TakenMail {
  from: string;
  to: string[];
  /** With its headers. */
  data: string;
  user: string | null;
}

export async function startSmtp() {
  const taken: TakenMail[] = [];
  let refusing = false;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    converse(socket, { taken, refusing: () => refusing });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    taken,
    /** From now on no mail is taken. */
    refuse: (yes: boolean) => void (refusing = yes),
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function converse(socket: Socket, { taken, refusing }: { taken: TakenMail[]; refusing: () => boolean }): void {
  const say = (line: string) => socket.write(`${line}\r\n`);
  let mail: TakenMail = { from: '', to: [], data: '', user: null };
  let inData = false;
  let rest = '';
  say('220 sandbox ESMTP');
  socket.on('data', (part) => {
    rest += part.toString('utf8');
    for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
      const line = rest.slice(0, end);
      rest = rest.slice(end + 2);
      if (inData) {
        if (line !== '.') mail.data += `${line}\n`;
        else {
          inData = false;
          taken.push(mail);
          mail = { ...mail, to: [], data: '' };
          say('250 taken');
        }
      } else if (/^EHLO/i.test(line)) socket.write('250-sandbox\r\n250 AUTH PLAIN\r\n');
      else if (/^AUTH PLAIN /i.test(line)) {
        mail.user = Buffer.from(line.slice(11), 'base64').toString().split('\0')[1] ?? null;
        say('235 welcome');
      } else if (/^MAIL FROM:/i.test(line)) {
        mail.from = /<(.*?)>/.exec(line)![1]!;
        say('250 ok');
      } else if (/^RCPT TO:/i.test(line)) {
        if (!refusing()) mail.to.push(/<(.*?)>/.exec(line)![1]!);
        say(refusing() ? '451 try again later' : '250 ok');
      } else if (/^DATA/i.test(line)) {
        inData = true;
        say('354 go on');
      } else if (/^STARTTLS/i.test(line)) say('502 not here');
      else if (/^QUIT/i.test(line)) socket.end('221 bye\r\n');
      else say('250 ok');
    }
  });
}
