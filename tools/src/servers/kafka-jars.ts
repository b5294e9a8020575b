import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fillCache } from '../cache/fill-cache.js';
import { CommandError } from '../command/command.js';
import { runTool } from '../command/run-tool.js';
import type { ServerCommand } from './server-kind.js';

const KAFKA = '4.1.0';
/** The API version Kafka 4.1.0 is compiled against. */
const SLF4J = '1.7.36';
const COPY_DEPENDENCIES = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
const OLDEST_JAVA = 17;

const otherWays = 'or start Docker, or set KAFKA_BROKERS to a running Kafka';

/** The program that runs Java classes. @throws CommandError when there is none of Java 17 or later. */
export async function javaProgram(command: ServerCommand): Promise<string> {
  const home = process.env['JAVA_HOME'];
  const java = home ? join(home, 'bin/java') : 'java';
  const missing =
    `Kafka needs a JDK of version ${OLDEST_JAVA} or later: install one ` +
    `(Debian and Ubuntu: apt-get install openjdk-17-jdk-headless), ${otherWays}.`;
  const version = await runTool(command, java, ['-version'], { missing, failed: missing });
  const major = Number(/version "(\d+)/.exec(version)?.[1] ?? 0);
  if (major < OLDEST_JAVA) throw new CommandError(`${missing}\nFound: ${version.trim()}`);
  return java;
}

/** The folder that holds Kafka's jars, fetched with Maven, which checks their checksums. */
export async function kafkaJars(command: ServerCommand): Promise<string> {
  const cached = await fillCache(command, `kafka-${KAFKA}`, async (folder) => {
    command.report(`Fetching Kafka ${KAFKA} …`);
    const project = join(folder, 'pom.xml');
    await writeFile(project, projectFile());
    const jars = join(folder, 'jars');
    await mkdir(jars);
    const settings = ['--batch-mode', '--quiet', '--strict-checksums', '-Dstyle.color=never', '--file', project];
    await runTool(
      command,
      'mvn',
      [...settings, COPY_DEPENDENCIES, '-DincludeScope=runtime', `-DoutputDirectory=${jars}`],
      {
        missing: `Maven is needed to fetch Kafka (Debian and Ubuntu: apt-get install maven), ${otherWays}.`,
        failed: `Kafka ${KAFKA} could not be downloaded with Maven. Check the network and run the command again.`,
      },
    );
  });
  return join(cached, 'jars');
}

function projectFile(): string {
  const dependency = (group: string, artifact: string, version: string): string =>
    `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;
  return [
    '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>',
    '<groupId>dev.tessera</groupId><artifactId>local-kafka</artifactId><version>1</version><dependencies>',
    dependency('org.apache.kafka', 'kafka_2.13', KAFKA),
    dependency('org.slf4j', 'slf4j-simple', SLF4J),
    '</dependencies></project>\n',
  ].join('\n');
}
