import type { Command } from '../command/command.js';

/** The part of a command that bringing up servers needs. */
export type ServerCommand = Pick<Command, 'guard' | 'defer' | 'report' | 'temporaryFolder'>;

/** What to start, on which port, with which data. */
export interface LaunchRequest {
  readonly command: ServerCommand;
  readonly port: number;
  /** Folder of this server's data; exists, may hold data of an earlier run. */
  readonly data: string;
  /** Whether the data is kept for a later run. */
  readonly keep: boolean;
}

/** A program and its arguments. */
export interface Launch {
  readonly program: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Name of the Docker container it runs in. */
  readonly container?: string;
}

/** One of the servers: how to start it and how to see that it works. */
export interface ServerKind {
  readonly name: 'Kafka' | 'MongoDB' | 'Redis' | 'SeaweedFS';
  /** Names its data folder, log file and container. */
  readonly id: 'kafka' | 'mongodb' | 'redis' | 's3';
  /** Environment variable that holds its address. */
  readonly variable: string;
  /** Environment variable that asks for a port. */
  readonly portVariable: string;
  addressOf(port: number): string;
  /** @throws CommandError when it cannot be had on this machine, saying what to do. */
  native(request: LaunchRequest): Promise<Launch>;
  docker(request: LaunchRequest): Launch;
  /** Makes a server that was just started usable; repeated until it succeeds. */
  initialise?(port: number): Promise<void>;
  /** @throws Error saying what is wrong while the server at this address cannot be used. */
  check(address: string): Promise<void>;
}
