import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * A door to a real server, for tests of what happens when the server is away: others that use the server are not
 * concerned.
 */
export interface Door {
  /** On 127.0.0.1; the same whenever the door is open. */
  readonly port: number;
  /** Cuts every connection and refuses new ones, as a server that was killed. */
  shut(): Promise<void>;
  /** Keeps connections but lets nothing through, as a server that is frozen. New ones are taken and not answered. */
  freeze(): void;
  /** Lets everybody through again, whatever was held back included. */
  open(): Promise<void>;
}

/** @param target `host:port` of the server; the door is open. */
export async function openDoor(target: string, port = 0): Promise<Door> {
  const [host = '', targetPort = ''] = target.split(':');
  const sockets = new Set<Socket>();
  let isFrozen = false;
  let server: Server | undefined;
  let listensOn = port;
  const letThrough = (client: Socket): void => {
    const behind = connect(Number(targetPort), host);
    client.pipe(behind).pipe(client);
    for (const socket of [client, behind]) {
      sockets.add(socket);
      if (isFrozen) socket.pause();
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        behind.destroy();
      });
    }
  };
  const door = {
    get port() {
      return listensOn;
    },
    shut: async () => {
      const closing = server;
      server = undefined;
      for (const socket of sockets) socket.destroy();
      if (closing !== undefined) {
        closing.close();
        await once(closing, 'close');
      }
    },
    freeze: () => {
      isFrozen = true;
      for (const socket of sockets) socket.pause();
    },
    open: async () => {
      isFrozen = false;
      for (const socket of sockets) socket.resume();
      if (server !== undefined) return;
      server = createServer(letThrough).listen(listensOn, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      if (typeof address === 'object' && address !== null) listensOn = address.port;
    },
  };
  await door.open();
  return door;
}
