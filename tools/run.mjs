/**
 * `node tools/run.mjs <command> [arguments]`: the door to every command, on a fresh clone and with the machine's own Node.
 * Installs the packages when they are missing or out of date, builds what changed, and runs `dist/tools/<command>.main.js`
 * with the Node the repository asks for.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = join(root, 'node_modules/.bin');
const OLDEST_NODE = 20;
const NODE = 24;
/** How every command ends that is called wrongly. */
const MISUSED = 2;

const [command, ...args] = process.argv.slice(2);
if (!command || !/^[a-z-]+$/.test(command)) {
  fail('Usage: node tools/run.mjs <demo|start|test|bench> [arguments]', MISUSED);
}
if (majorOf(process.versions.node) < OLDEST_NODE) {
  fail(
    `Node ${process.versions.node} is too old to begin with: install Node ${OLDEST_NODE} or later (${NODE} is best).`,
  );
}

if (!packagesAreCurrent()) install();
const node = nodeProgram();
build();
runCommand();

/** Whether npm's own record of what is installed agrees with the lock file. npm writes it last of all. */
function packagesAreCurrent() {
  const wanted = packagesIn(join(root, 'package-lock.json'));
  const installed = packagesIn(join(root, 'node_modules/.package-lock.json'));
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    const found = installed[path];
    if (found === undefined) return entry.optional === true; // Packages of other platforms.
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

function packagesIn(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : {};
}

function install() {
  console.error('Installing packages (npm ci) …');
  // Not with a Node that lies in the very folder npm is about to replace.
  const path = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'))
    .join(delimiter);
  const options = { cwd: root, stdio: 'inherit', env: { ...process.env, PATH: path, NODE_ENV: 'development' } };
  const { status, error } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], options);
  if (error !== undefined) fail(`npm could not be run (${error.message}): it comes with Node, see https://nodejs.org.`);
  if (status !== 0) fail('The packages could not be installed. Check the network and run the command again.');
}

function nodeProgram() {
  const installed = join(bin, 'node');
  if (existsSync(installed)) return installed;
  if (majorOf(process.versions.node) >= NODE) return process.execPath;
  return fail(
    `There is no Node ${NODE}: npm installed the package "node" without running its install script. ` +
      `Run "npm ci --ignore-scripts=false", or install Node ${NODE} on this machine.`,
  );
}

function build() {
  const environment = {
    ...withNodeFirst(),
    NX_DAEMON: 'false', // Nothing of ours outlives the command.
    NX_TUI: 'false',
    NODE_OPTIONS: '',
  };
  const { status, stdout, stderr, error } = spawnSync(
    node,
    [join(bin, 'nx'), 'run-many', '-t', 'build', '--parallel=2', '--outputStyle=static'],
    { cwd: root, encoding: 'utf8', env: environment, maxBuffer: 1 << 26 },
  );
  if (status === 0) return;
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`);
  fail(`The build failed${error ? ` (${error.message})` : ''}. What is wrong stands above.`);
}

/** A benchmark sends and measures in one process: while it collects its own garbage, what it measures seems to wait. */
function flagsOf(name) {
  return name === 'bench' ? ['--initial-old-space-size=400', '--max-semi-space-size=32', '--v8-pool-size=1'] : [];
}

function runCommand() {
  const program = join(root, 'dist/tools', `${command}.main.js`);
  if (!existsSync(program)) fail(`There is no command "${command}".`, MISUSED);
  // Over the channel the command notices when this process is gone.
  const flags = ['--enable-source-maps', '--disable-warning=TimeoutNegativeWarning', ...flagsOf(command)];
  const child = spawn(node, [...flags, program, ...args], {
    cwd: process.cwd(),
    env: withNodeFirst(),
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  child.on('error', (error) => fail(`${node} could not be run: ${error.message}`));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
  // The command decides when to end; this process goes after it.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  stopWhenNpmIsGone(child);
}

/** npm passes signals on, but cannot when it is killed: then this process, or the shell between the two, is orphaned. */
function stopWhenNpmIsGone(child) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const ancestors = () => [process.ppid, parentOf(process.ppid)].join();
  const born = ancestors();
  setInterval(() => {
    if (ancestors() !== born) child.kill('SIGTERM');
  }, 500).unref();
}

/** The parent of another process as Linux tells it (proc(5)); undefined elsewhere. */
function parentOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
  } catch {
    return undefined;
  }
}

function withNodeFirst() {
  return { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}` };
}

function majorOf(version) {
  return Number(version.split('.')[0]);
}

function fail(message, status = 1) {
  console.error(message);
  process.exit(status);
}
