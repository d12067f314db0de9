import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A whole Slurm of one node, with its own key, ports and folders; gone when it is closed. */
export interface SlurmCluster {
  /** Environment in which sbatch, squeue and scancel reach it. */
  env: NodeJS.ProcessEnv;
  close(): void;
}

const tools = ['munged', 'slurmctld', 'slurmd', 'sbatch'];

/** Why no cluster can be started here, or null. In CI a missing part is a failure. */
export function slurmMissing(): string | null {
  const lacking = tools.filter((tool) => !runs('sh', ['-c', `PATH=$PATH:/usr/sbin command -v ${tool}`]));
  const reason =
    lacking.length > 0
      ? `${lacking.join(', ')} not installed`
      : process.getuid?.() === 0
        ? null
        : 'needs root';
  if (reason && process.env.CI === 'true') throw new Error(`Slurm is required in CI: ${reason}`);
  return reason;
}

export async function startSlurm(): Promise<SlurmCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'slurm-'));
  chmodSync(folder, 0o755);
  for (const name of ['state', 'spool', 'munge']) mkdirSync(join(folder, name));
  const socket = join(folder, 'munge', 'socket');
  const key = join(folder, 'munge', 'key');
  writeFileSync(key, Buffer.from(Array.from({ length: 128 }, (_, i) => (i * 37 + 11) % 256)), {
    mode: 0o400,
  });
  const [controlPort, nodePort] = [await freePort(), await freePort()];
  const conf = join(folder, 'slurm.conf');
  writeFileSync(conf, configuration(folder, socket, controlPort, nodePort));
  const env = { ...process.env, SLURM_CONF: conf, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
  const children: ChildProcess[] = [];
  const start = (command: string, args: string[]): void => {
    children.push(spawn(command, args, { env, stdio: 'ignore' }));
  };
  const close = (): void => {
    for (const child of children.reverse()) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  start('munged', [
    '--foreground',
    '--force',
    `--key-file=${key}`,
    `--socket=${socket}`,
    `--pid-file=${folder}/munge/pid`,
    `--log-file=${folder}/munge/log`,
    `--seed-file=${folder}/munge/seed`,
  ]);
  await sleep(500);
  start('slurmctld', ['-D', '-f', conf]);
  start('slurmd', ['-D', '-N', 'localhost', '-f', conf]);
  for (let waited = 0; waited < 60; waited++) {
    if (/idle/.test(output('sinfo', ['--noheader', '--format=%T'], env))) return { env, close };
    await sleep(500);
  }
  close();
  throw new Error('Slurm did not come up within 30 s');
}

const configuration = (folder: string, socket: string, controlPort: number, nodePort: number): string => {
  const host = hostname().split('.')[0];
  return [
    'ClusterName=test',
    `SlurmctldHost=${host}(127.0.0.1)`,
    'SlurmUser=root',
    'SlurmdUser=root',
    'AuthType=auth/munge',
    `AuthInfo=socket=${socket}`,
    'ProctrackType=proctrack/linuxproc',
    'TaskPlugin=task/none',
    'SwitchType=switch/none',
    'MpiDefault=none',
    'JobAcctGatherType=jobacct_gather/linux',
    'AccountingStorageType=accounting_storage/none',
    'SelectType=select/cons_tres',
    'SelectTypeParameters=CR_Core',
    'ReturnToService=2',
    `StateSaveLocation=${folder}/state`,
    `SlurmdSpoolDir=${folder}/spool`,
    `SlurmctldPidFile=${folder}/slurmctld.pid`,
    `SlurmdPidFile=${folder}/slurmd.pid`,
    `SlurmctldLogFile=${folder}/slurmctld.log`,
    `SlurmdLogFile=${folder}/slurmd.log`,
    `SlurmctldPort=${controlPort}`,
    `SlurmdPort=${nodePort}`,
    `NodeName=localhost NodeAddr=127.0.0.1 NodeHostname=${host} CPUs=2 RealMemory=2000`,
    'PartitionName=all Nodes=localhost Default=YES State=UP',
    '',
  ].join('\n');
};

function runs(command: string, args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function output(command: string, args: string[], env: NodeJS.ProcessEnv): string {
  try {
    return execFileSync(command, args, {
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 5000,
    });
  } catch {
    return '';
  }
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
