// Starts the real programs for a test.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** `spirogram serve`, on a free port unless one is given; resolves when its address is printed. */
export async function startServer(program, logdir, dataDir, flags = [], port = 0) {
  const child = spawn(program, ['serve', '--logdir', logdir, '--data-dir', dataDir, '--port', String(port), ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const exited = once(child, 'exit');
  const ended = exited.then(([code]) => {
    throw new Error(`the server ended with ${code} before it printed its address`);
  });
  const [url] = await Promise.race([once(lines, 'line'), ended]);
  ended.catch(() => {});
  const end = async (signal) => {
    child.kill(signal);
    const [code] = await exited;
    return code;
  };
  return {
    url,
    /** It writes nothing more once this has resolved. */
    kill: () => end('SIGKILL'),
    /** Asks the server to stop; its exit code. */
    stop: () => end('SIGTERM'),
  };
}

/** Runs the program in the background; `done` resolves to its exit code. */
export function start(program, args) {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'ignore'] });
  const done = once(child, 'exit').then(([code]) => code);
  const kill = () => {
    child.kill('SIGKILL');
    return done;
  };
  return { done, kill, pause: () => child.kill('SIGSTOP'), resume: () => child.kill('SIGCONT') };
}
