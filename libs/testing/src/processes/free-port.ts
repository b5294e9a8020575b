import { createServer } from 'node:net';

/**
 * Below the range from which Linux, macOS and Windows take ports of outgoing connections. A client that polls a port
 * inside that range can be given the very port it connects to, connect to itself, and keep the server from binding it.
 */
const LOWEST = 20_000;
const HIGHEST = 32_000;

const handedOut = new Set<number>();

/** A TCP port nothing listens on now, and another one at each call. Nothing is reserved: use it soon. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (handedOut.has(port)) continue;
    handedOut.add(port);
    if (await isFree(port)) return port;
  }
}

/** Whether a server could listen on this port, on the local interface and on all of them. */
export async function isFree(port: number): Promise<boolean> {
  return (await canListen(port, '127.0.0.1')) && (await canListen(port, '0.0.0.0'));
}

function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
